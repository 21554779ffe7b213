/** Finds rules that compare or add up amounts in different currencies, which are not converted. */
import { currencyOf, type Field } from '../../domain/contact/field.ts';
import type { RuleProblem } from '../../domain/rule/rule-problem.ts';
import { type RuleText, referencesOf } from '../../domain/rule/rule-text.ts';
import { readRule, type TypedRule } from '../../membership/check/check-rule.ts';
import type { TypedNode } from '../../membership/check/typed-node.ts';
import { contextOf, type OwnerWithRules, type RuleBook } from './rule-book.ts';

/** An amount that does not fit to one before it. */
interface Mixed {
  readonly one: Field;
  readonly other: Field;
  /** Where the rule names the other one. */
  readonly problemAt: (reason: string) => RuleProblem;
}

export interface RuleAmounts {
  /** A field in whose currency the result is; `undefined`: it is no amount. */
  readonly result: Field | undefined;
  /** The first amount that does not fit. */
  readonly mixed: Mixed | undefined;
}

export interface CurrencyPlace {
  readonly book: RuleBook;
  readonly organization: { readonly currency: string };
}

/** The problem of a rule that mixes amounts in different currencies; `undefined`: none. */
export function mixedProblem(rule: RuleText, place: CurrencyPlace): RuleProblem | undefined {
  const { mixed } = ruleAmounts(rule, place);
  return mixed?.problemAt(mixedWords(mixed, place));
}

function mixedWords({ one, other }: Mixed, { organization }: CurrencyPlace): string {
  const [first, second] = [currencyOf(one, organization), currencyOf(other, organization)];
  return `The rule compares or combines amounts in ${first} (${one.name}) and in ${second} (${other.name}). Amounts are not converted: use fields of one currency, or write double(${one.name}) and double(${other.name}) for the bare numbers.`;
}

/** Whether a rule mixes currencies, or uses amounts in another one than its computed field. */
export function mixesCurrencies(
  { kind, id, rules }: OwnerWithRules,
  place: CurrencyPlace,
): boolean {
  const field = kind === 'computed_field' ? place.book.fields.get(id) : undefined;
  const isForeign = field !== undefined && foreignAmount(field, place) !== undefined;
  return isForeign || rules.some((rule) => mixedProblem(rule, place) !== undefined);
}

/** A field whose amounts the rule of a computed field uses, in another currency than its own. */
export function foreignAmount(
  field: Field,
  { book, organization }: CurrencyPlace,
): Field | undefined {
  const own = currencyOf(field, organization);
  if (own === undefined) return undefined;
  const amounts = amountsOf(field.rule ?? [], book);
  return amounts.find((used) => currencyOf(used, organization) !== own);
}

export function amountsOf(rule: RuleText, { fields }: RuleBook): readonly Field[] {
  return referencesOf(rule).flatMap(({ kind, id }) => {
    const field = kind === 'field' ? fields.get(id) : undefined;
    return field?.type === 'currency' ? [field] : [];
  });
}

/** `result` is missing for a rule with a fault. */
export function ruleAmounts(rule: RuleText, place: CurrencyPlace): RuleAmounts {
  const read = readRule(rule, contextOf(place.book));
  return 'node' in read ? amountsIn(read, place) : { result: undefined, mixed: undefined };
}

/** What the rule does with amounts. `double` and `int` of an amount are bare numbers. */
function amountsIn({ node, problemAt }: TypedRule, place: CurrencyPlace): RuleAmounts {
  let mixed: Mixed | undefined;
  const currency = ({ field }: Amount) => currencyOf(field, place.organization);
  const join = (nodes: readonly TypedNode[]): Amount | undefined => {
    const [first, ...others] = nodes.flatMap((one) => visit(one) ?? []);
    const other = others.find((one) => first && currency(one) !== currency(first));
    if (first === undefined || other === undefined) return first;
    mixed ??= {
      ...{ one: first.field, other: other.field },
      problemAt: (reason) => problemAt(other.at, reason),
    };
    return first;
  };
  const visitAll = (nodes: readonly TypedNode[]): undefined => {
    for (const one of nodes) visit(one);
  };
  const visit = (one: TypedNode): Amount | undefined => {
    switch (one.op) {
      case 'field': {
        const field = place.book.fields.get(one.fieldId);
        return field?.type === 'currency' ? { field, at: one.at } : undefined;
      }
      case 'compare':
        join([one.left, one.right]);
        return undefined;
      case 'in-list':
        join([one.value, ...one.elements]);
        return undefined;
      case 'arithmetic':
        return one.sign === '*' || one.sign === '/' ? scaled(one) : join([one.left, one.right]);
      case 'choose':
        visit(one.condition);
        return join([one.whenTrue, one.whenFalse]);
      case 'call':
        return keepsAmounts.has(one.name) ? join(one.parts) : visitAll(one.parts);
      case 'all':
      case 'any':
        return visitAll(one.parts);
      case 'not':
        return visitAll([one.part]);
      default:
        return undefined;
    }
  };
  /** An amount times a number is an amount; an amount by an amount is a share. */
  const scaled = ({ sign, left, right }: Extract<TypedNode, { op: 'arithmetic' }>) => {
    const [one, other] = [visit(left), visit(right)];
    if (one === undefined) return sign === '*' ? other : undefined;
    return other === undefined ? one : undefined;
  };
  const result = visit(node)?.field;
  return { result, mixed };
}

interface Amount {
  readonly field: Field;
  /** Where the rule names the field. */
  readonly at: number;
}

const keepsAmounts: ReadonlySet<string> = new Set([
  ...['coalesce', 'min', 'max', 'abs', 'negative', 'round', 'floor', 'ceil'],
]);
