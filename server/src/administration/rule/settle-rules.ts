/**
 * Reads the rules of one change: finds what they name, refuses cycles, and checks types in the
 * order in which definitions use each other.
 */
import type { Field } from '../../domain/contact/field.ts';
import { maxUseDepth } from '../../domain/limits.ts';
import type { Problem } from '../../domain/problem.ts';
import {
  orderByUse,
  ownerName,
  type RuleOwner,
  referenceTo,
} from '../../domain/rule/rule-owner.ts';
import { type RuleReference, type RuleText, referencesOf } from '../../domain/rule/rule-text.ts';
import { type CheckedRule, checkRule } from '../../membership/check/check-rule.ts';
import { parseRule } from '../../membership/check/parse-rule.ts';
import { nounOf } from '../../membership/check/type-nouns.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';
import { type CurrencyPlace, mixedProblem } from './rule-amounts.ts';
import { contextOf, type RuleBook } from './rule-book.ts';

/** The rules of one definition: one of a segment or a computed field, one of each branch. */
export interface WantedRules {
  /** The definition, which is in the catalog already. */
  readonly owner: Pick<RuleOwner, 'kind' | 'id' | 'name'>;
  readonly rules: readonly RuleToSettle[];
  /** What the definition uses besides its rules, such as the segment of a flow. */
  readonly uses?: readonly RuleReference[];
  /** JSON pointer of a definition that may have no rules. */
  readonly path?: string;
  /**
   * For a computed field: the field with the checked rule. It notes problems, and then returns
   * `undefined`.
   */
  readonly fieldWith?: (checked: CheckedRule, book: RuleBook) => Field | undefined;
}

export interface RuleToSettle {
  readonly text: string;
  /** JSON pointer of the rule, for problems. */
  readonly path: string;
}

/** The checked rules of each definition, in their order. */
export type SettledRules = ReadonlyMap<WantedRules, readonly CheckedRule[]>;

/** Each rule as it will be kept. Faults go to `problems`; the result is then not complete. */
export function settleRules(
  book: RuleBook,
  asked: {
    readonly wanted: readonly WantedRules[];
    readonly problems: DefinitionProblems;
    readonly organization: { readonly currency: string };
  },
): SettledRules {
  const { wanted, problems, organization } = asked;
  const settled = new Map<WantedRules, readonly CheckedRule[]>();
  if (wanted.length === 0) return settled;
  const parsed = parseAll(wanted, book, problems);
  if (parsed === undefined) return settled;
  const order = orderRules(book, parsed, problems);
  const owners = ownersWith(book, parsed);
  const fields = new Map(book.fields);
  const failed = new Set<string>();
  for (const entry of order) {
    const { one } = entry;
    // A second problem about a field without a type would only distract.
    const isBroken = usesOf(entry).some(({ kind, id }) => failed.has(`${kind} ${id}`));
    const place = { book: { ...book, fields }, organization };
    const checked = isBroken ? undefined : check(entry, place, problems);
    const [first] = checked ?? [];
    const field = first && one.fieldWith?.(first, { ...book, fields, owners });
    if (field !== undefined) fields.set(field.id, field);
    if (checked !== undefined) settled.set(one, checked);
    const isField = one.owner.kind === 'computed_field';
    if (isField && field === undefined) failed.add(`field ${one.owner.id}`);
  }
  return settled;
}

interface ParsedRules {
  readonly one: WantedRules;
  readonly rules: readonly { readonly rule: RuleText; readonly path: string }[];
}

/** All definitions with rules, with what the changed ones will use. */
function ownersWith(book: RuleBook, parsed: readonly ParsedRules[]): RuleBook['owners'] {
  const changed = parsed.map((entry) => {
    const { rules } = entry;
    const uses = usesOf(entry);
    return { ...entry.one.owner, uses, rules: rules.map(({ rule }) => rule) };
  });
  const keys = new Set(changed.map(keyOf));
  return [...book.owners.filter((owner) => !keys.has(keyOf(owner))), ...changed];
}

function usesOf({ one, rules }: ParsedRules): readonly RuleReference[] {
  return [...(one.uses ?? []), ...rules.flatMap(({ rule }) => referencesOf(rule))];
}

/** `undefined` if it notes a problem. */
function parseAll(
  wanted: readonly WantedRules[],
  { names }: RuleBook,
  problems: DefinitionProblems,
): readonly ParsedRules[] | undefined {
  const count = problems.count;
  const parsed = wanted.map((one) => {
    const rules = one.rules.flatMap(({ text, path }) => {
      const found = parseRule(text, names);
      if ('rule' in found) return [{ rule: found.rule, path }];
      problems.addCoded(path, found.problem);
      return [];
    });
    return { one, rules };
  });
  return problems.count > count ? undefined : parsed;
}

/** The rules in an order in which each follows those that it uses. Empty if it notes a problem. */
function orderRules(
  book: RuleBook,
  parsed: readonly ParsedRules[],
  problems: DefinitionProblems,
): readonly ParsedRules[] {
  const changed = new Map(parsed.map((entry) => [keyOf(entry.one.owner), entry]));
  const others = book.owners.filter((owner) => !changed.has(keyOf(owner)));
  const own = parsed.map((entry) => ({ ...entry.one.owner, uses: usesOf(entry) }));
  const found = orderByUse([...own, ...others]);
  const chain = 'cycle' in found ? found.cycle : tooLongChain(found.order);
  if ('order' in found && chain === undefined) {
    return found.order.flatMap((owner) => changed.get(keyOf(owner)) ?? []);
  }
  // What was saved before has no cycle and no chain that is too long.
  const owners = chain ?? [];
  const place = owners.findIndex((owner) => changed.has(keyOf(owner)));
  const [first] = owners.slice(place).flatMap((owner) => changed.get(keyOf(owner)) ?? []);
  const path = first?.one.rules[0]?.path ?? first?.one.path ?? '';
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

/** `undefined` if it notes a problem. */
function check(
  { one, rules }: ParsedRules,
  place: CurrencyPlace,
  problems: DefinitionProblems,
): readonly CheckedRule[] | undefined {
  const { book } = place;
  const count = problems.count;
  const isField = one.owner.kind === 'computed_field';
  // A segment decides who somebody is; a computed field only shows what is there.
  const context = { ...contextOf(book), usesAllFields: isField };
  const all = rules.flatMap(({ rule, path }) => {
    const checked = checkRule(rule, context);
    if ('problem' in checked) {
      problems.addCoded(path, checked.problem);
      return [];
    }
    const mixed = mixedProblem(checked.rule, place);
    if (mixed !== undefined) problems.addCoded(path, mixed);
    if (isField || checked.type === 'boolean') return [checked];
    const detail = `The rule of a ${one.owner.kind} gives true or false, and this one gives ${nounOf(checked.type)}. Compare it, such as with > or ==.`;
    problems.addCoded(path, { code: 'rule_invalid', detail, members: { line: 1, column: 1 } });
    return [];
  });
  return problems.count > count ? undefined : all;
}
