/** Refuses to take away a variant that a rule asks for. */
import type { CatalogView } from '../../catalog/catalog.ts';
import { type Flow, knownVariants } from '../../domain/flow/flow.ts';
import { usersOf } from '../../domain/rule/rule-owner.ts';
import { checkRule } from '../../membership/check/check-rule.ts';
import { contextOf, type OwnerWithRules, type RuleBook, readRuleBook } from '../rule/rule-book.ts';
import { foundUse, refuseUses } from '../rule/rule-users.ts';
import { everything } from '../token/actor-sight.ts';
import type { PreparedFlow } from './write-flows.ts';

/**
 * Call it after all writes of the change, so that a rule that changes too counts as it will be.
 * @throws UsherError `definition_in_use` with the member `users`
 */
export async function requireNoVariantUsers(
  view: CatalogView,
  organizationId: number,
  prepared: readonly PreparedFlow[],
): Promise<void> {
  const changed = prepared.filter(({ before, flow }) => lossOf(before, flow) !== undefined);
  if (changed.length === 0) return;
  const book = await readRuleBook(view, organizationId);
  const uses = changed.flatMap(({ before, flow }) => {
    const users = usersOf(book.owners, { kind: 'flow', id: flow.id }).filter(
      (owner) => isFine(owner, withVariants(book, flow.id, before)) && !isFine(owner, book),
    );
    return foundUse(lossOf(before, flow) ?? '', users);
  });
  refuseUses(uses, everything);
}

/** What rules could no longer ask for; `undefined`: nothing. */
function lossOf(before: Flow | undefined, after: Flow): string | undefined {
  const kept = knownVariants(after);
  if (kept === undefined) return undefined;
  const known = knownVariants(before);
  if (known === undefined)
    return `The flow ${after.name} would not have a variant that was reported`;
  const gone = known.filter((name) => !kept.includes(name)).map((name) => `"${name}"`);
  if (gone.length === 0) return undefined;
  const noun = gone.length === 1 ? 'variant' : 'variants';
  return `The flow ${after.name} would no longer have the ${noun} ${gone.join(', ')}`;
}

function withVariants(book: RuleBook, id: number, flow: Flow | undefined): RuleBook {
  const flows = new Map(book.flows);
  if (flow === undefined) flows.delete(id);
  else flows.set(id, flow);
  return { ...book, flows };
}

function isFine({ rules }: OwnerWithRules, book: RuleBook): boolean {
  return rules.every((rule) => !('problem' in checkRule(rule, contextOf(book))));
}
