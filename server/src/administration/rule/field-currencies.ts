/** The currencies of the amounts that a computed field uses: amounts are never converted. */
import { currencyOf, type Field } from '../../domain/contact/field.ts';
import { type RuleText, referencesOf } from '../../domain/rule/rule-text.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';
import type { RuleBook } from './rule-book.ts';

interface Place {
  readonly book: RuleBook;
  readonly organization: { readonly currency: string };
}

/** A field of the rule with amounts, if all its amounts are in one currency. */
export function sharedCurrency(rule: RuleText, { book, organization }: Place): Field | undefined {
  const amounts = amountsOf(rule, book);
  const currencies = new Set(amounts.map((field) => currencyOf(field, organization)));
  return currencies.size === 1 ? amounts[0] : undefined;
}

/** Notes a problem if a field with amounts uses amounts in another currency. */
export function checkCurrencies(
  field: Field,
  { book, organization }: Place,
  problems: DefinitionProblems,
): void {
  const own = currencyOf(field, organization);
  if (own === undefined) return;
  const foreign = amountsOf(field.rule ?? [], book).find(
    (used) => currencyOf(used, organization) !== own,
  );
  if (foreign === undefined) return;
  const other = currencyOf(foreign, organization);
  const detail = `The amounts of ${foreign.name} are in ${other}, and those of this field would be in ${own}. Amounts are not converted: give the currency ${other}, or use fields of one currency.`;
  problems.add('/currency', detail);
}

function amountsOf(rule: RuleText, { fields }: RuleBook): readonly Field[] {
  return referencesOf(rule).flatMap(({ kind, id }) => {
    const field = kind === 'field' ? fields.get(id) : undefined;
    return field?.type === 'currency' ? [field] : [];
  });
}
