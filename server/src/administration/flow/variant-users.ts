/** Refuses to take away a variant that a rule asks for. */
import type { CatalogView } from '../../catalog/catalog.ts';
import { type Flow, knownVariants } from '../../domain/flow/flow.ts';
import { usersOf } from '../../domain/rule/rule-owner.ts';
import { checkRule, readRule } from '../../membership/check/check-rule.ts';
import { eachNode } from '../../membership/compile/node-parts.ts';
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
  const changed = prepared.filter(({ before, flow }) => mayLose(before, flow));
  if (changed.length === 0) return;
  const book = await readRuleBook(view, organizationId);
  const uses = changed.flatMap(({ before, flow }) => {
    const users = usersOf(book.owners, { kind: 'flow', id: flow.id }).filter(
      (owner) => isFine(owner, withVariants(book, flow.id, before)) && !isFine(owner, book),
    );
    const asked = variantsAskedFor(users, withVariants(book, flow.id, before), flow.id);
    return foundUse(lossOf({ before, after: flow, asked }), users);
  });
  refuseUses(uses, everything);
}

function mayLose(before: Flow | undefined, after: Flow): boolean {
  const kept = knownVariants(after);
  const known = knownVariants(before);
  return kept !== undefined && (known === undefined || known.some((name) => !kept.includes(name)));
}

interface Loss {
  readonly before: Flow | undefined;
  readonly after: Flow;
  /** The variants of this flow that its users ask for. */
  readonly asked: readonly string[];
}

/** What rules could no longer ask for. */
function lossOf({ before, after, asked }: Loss): string {
  const kept = knownVariants(after) ?? [];
  const known = knownVariants(before);
  const gone = (known ?? asked).filter((name) => !kept.includes(name));
  const names = gone.map((name) => `"${name}"`).join(', ');
  const noun = gone.length === 1 ? 'variant' : 'variants';
  return known === undefined
    ? `The flow ${after.name} would not have the reported ${noun} ${names}, which you can add to it`
    : `The flow ${after.name} would no longer have the ${noun} ${names}`;
}

function variantsAskedFor(
  users: readonly OwnerWithRules[],
  book: RuleBook,
  id: number,
): readonly string[] {
  const asked = new Set<string>();
  for (const rule of users.flatMap(({ rules }) => rules)) {
    const read = readRule(rule, contextOf(book));
    if ('problem' in read) continue;
    eachNode(read.node, (node) => {
      if (node.op === 'in-variant' && node.id === id) asked.add(node.variant);
    });
  }
  return [...asked];
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
