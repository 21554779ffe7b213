/**
 * Reads the rules of one change: finds what they name, refuses cycles, and checks types in the
 * order in which definitions use each other.
 */
import type { CatalogView } from '../../catalog/catalog.ts';
import type { Field } from '../../domain/contact/field.ts';
import { maxUseDepth } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';
import {
  orderByUse,
  ownerName,
  type RuleOwner,
  referenceTo,
} from '../../domain/rule/rule-owner.ts';
import { type RuleText, referencesOf } from '../../domain/rule/rule-text.ts';
import {
  type CheckedRule,
  checkRule,
  type RuleContext,
} from '../../membership/check/check-rule.ts';
import { parseRule } from '../../membership/check/parse-rule.ts';
import { nounOf } from '../../membership/check/type-nouns.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';
import { type RuleBook, readRuleBook } from './rule-book.ts';

export interface WantedRule {
  /** The definition, which is in the catalog already. */
  readonly owner: Pick<RuleOwner, 'kind' | 'id' | 'name'>;
  readonly text: string;
  /** JSON pointer of the rule, for problems. */
  readonly path: string;
  /**
   * For a computed field: the field with the checked rule. It notes problems, and then returns
   * `undefined`.
   */
  readonly fieldWith?: (checked: CheckedRule, book: RuleBook) => Field | undefined;
}

export type SettledRules = ReadonlyMap<WantedRule, CheckedRule>;

/** Each rule as it will be kept. Faults go to `problems`; the result is then not complete. */
export async function settleRules(
  view: CatalogView,
  organizationId: number,
  asked: { readonly wanted: readonly WantedRule[]; readonly problems: DefinitionProblems },
): Promise<SettledRules> {
  const { wanted, problems } = asked;
  const settled = new Map<WantedRule, CheckedRule>();
  if (wanted.length === 0) return settled;
  const book = await readRuleBook(view, organizationId);
  const parsed = parseAll(wanted, book, problems);
  if (parsed === undefined) return settled;
  const order = orderRules(book, parsed, problems);
  const fields = new Map(book.fields);
  const failed = new Set<string>();
  for (const { one, rule } of order) {
    const isBroken = referencesOf(rule).some(({ kind, id }) => failed.has(`${kind} ${id}`));
    const checked = isBroken ? undefined : check(one, rule, { ...book, fields }, problems);
    const field = checked && one.fieldWith?.(checked, { ...book, fields });
    if (field !== undefined) fields.set(field.id, field);
    if (checked !== undefined) settled.set(one, checked);
    const isFailed = checked === undefined || (one.fieldWith !== undefined && field === undefined);
    // A second problem about a field without a type would only distract.
    if (isFailed && one.owner.kind === 'computed_field') failed.add(`field ${one.owner.id}`);
  }
  return settled;
}

type ParsedRules = readonly { readonly one: WantedRule; readonly rule: RuleText }[];

function parseAll(
  wanted: readonly WantedRule[],
  { names }: RuleBook,
  problems: DefinitionProblems,
): ParsedRules | undefined {
  const parsed = wanted.flatMap((one) => {
    const found = parseRule(one.text, names);
    if ('rule' in found) return [{ one, rule: found.rule }];
    problems.addCoded(one.path, found.problem);
    return [];
  });
  return parsed.length < wanted.length ? undefined : parsed;
}

/** The rules in an order in which each follows those that it uses. Empty if it notes a problem. */
function orderRules(
  book: RuleBook,
  parsed: ParsedRules,
  problems: DefinitionProblems,
): ParsedRules {
  const changed = new Map(parsed.map((entry) => [keyOf(entry.one.owner), entry]));
  const others = book.owners.filter((owner) => !changed.has(keyOf(owner)));
  const own = parsed.map(({ one, rule }) => ({ ...one.owner, uses: referencesOf(rule) }));
  const found = orderByUse([...own, ...others]);
  const chain = 'cycle' in found ? found.cycle : tooLongChain(found.order);
  if ('order' in found && chain === undefined) {
    return found.order.flatMap((owner) => changed.get(keyOf(owner)) ?? []);
  }
  // What was saved before has no cycle and no chain that is too long.
  const owners = chain ?? [];
  const place = owners.findIndex((owner) => changed.has(keyOf(owner)));
  const [first] = owners.slice(place).flatMap((owner) => changed.get(keyOf(owner)) ?? []);
  const path = first?.one.path ?? '';
  if ('cycle' in found) problems.addCoded(path, cycleProblem(owners, place));
  else {
    const detail = `Rules may use each other at most ${maxUseDepth} levels deep, and this is deeper: ${namesOf(owners)}. Use fewer levels.`;
    problems.add(path, detail);
  }
  return [];
}

function cycleProblem(cycle: readonly RuleOwner[], place: number): Problem {
  const turned = [...cycle.slice(place), ...cycle.slice(0, place)];
  return {
    code: 'definition_cycle',
    detail: `The rule would use itself: ${namesOf([...turned, ...turned.slice(0, 1)])}. Remove one of these uses.`,
    members: { cycle: turned.map(({ kind, id, name }) => ({ kind, id, name })) },
  };
}

const shownOwners = 30;

function namesOf(owners: readonly RuleOwner[]): string {
  const shown = owners.slice(0, shownOwners).map(ownerName);
  return [...shown, ...(owners.length > shownOwners ? ['...'] : [])].join(' → ');
}

/** A chain of more than `maxUseDepth` definitions, each of which uses the next. */
function tooLongChain(order: readonly RuleOwner[]): readonly RuleOwner[] | undefined {
  const chains = new Map<string, readonly RuleOwner[]>();
  for (const owner of order) {
    const below = owner.uses.flatMap(({ kind, id }) => [chains.get(`${kind} ${id}`) ?? []]);
    const longest = below.reduce((one, other) => (other.length > one.length ? other : one), []);
    const chain = [owner, ...longest];
    if (chain.length > maxUseDepth) return chain;
    const { kind, id } = referenceTo(owner);
    chains.set(`${kind} ${id}`, chain);
  }
  return undefined;
}

function keyOf({ kind, id }: Pick<RuleOwner, 'kind' | 'id'>): string {
  return `${kind} ${id}`;
}

function check(
  one: WantedRule,
  rule: RuleText,
  book: RuleBook,
  problems: DefinitionProblems,
): CheckedRule | undefined {
  const isField = one.owner.kind === 'computed_field';
  const context: RuleContext = {
    nameOf: (kind, id) => book.names.nameOf(kind, id),
    fieldOf: (id) => book.fields.get(id),
    // A segment decides who somebody is; a computed field only shows what is there.
    usesAllFields: isField,
  };
  const checked = checkRule(rule, context);
  if ('problem' in checked) {
    problems.addCoded(one.path, checked.problem);
    return undefined;
  }
  if (isField || checked.type === 'boolean') return checked;
  const detail = `The rule of a segment gives true or false, and this one gives ${nounOf(checked.type)}. Compare it, such as with > or ==.`;
  problems.addCoded(one.path, { code: 'rule_invalid', detail, members: { line: 1, column: 1 } });
  return undefined;
}
