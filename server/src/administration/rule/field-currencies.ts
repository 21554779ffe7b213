/** The currencies of the amounts that a computed field uses: amounts are never converted. */
import { currencyOf, type Field } from '../../domain/contact/field.ts';
import type { RuleText } from '../../domain/rule/rule-text.ts';
import type { TokenLists } from '../../domain/token/token-sight.ts';
import type { DefinitionProblems } from '../dataset/definition-problems.ts';
import { amountsOf, type CurrencyPlace, foreignAmount, mixesCurrencies } from './rule-amounts.ts';
import type { RuleBook } from './rule-book.ts';
import { foundUse, refuseUses } from './rule-users.ts';

interface Organization {
  readonly currency: string;
}

/** A field of the rule with amounts, if all its amounts are in one currency. */
export function sharedCurrency(
  rule: RuleText,
  { book, organization }: CurrencyPlace,
): Field | undefined {
  const amounts = amountsOf(rule, book);
  const currencies = new Set(amounts.map((field) => currencyOf(field, organization)));
  return currencies.size === 1 ? amounts[0] : undefined;
}

/** Notes a problem if a field with amounts uses amounts in another currency. */
export function checkCurrencies(
  field: Field,
  { book, organization }: CurrencyPlace,
  problems: DefinitionProblems,
): void {
  const foreign = foreignAmount(field, { book, organization });
  if (foreign === undefined) return;
  const own = currencyOf(field, organization);
  const other = currencyOf(foreign, organization);
  const detail = `The amounts of ${foreign.name} are in ${other}, and those of this field would be in ${own}. Amounts are not converted: give the currency ${other}, or use fields of one currency.`;
  problems.add('/currency', detail);
}

/**
 * Refuses a new currency of the organization if a computed field would then mix currencies. Call it
 * after all writes of the change.
 * @throws UsherError `definition_in_use` with the members `users`
 */
export function requireSameCurrencies(
  book: RuleBook,
  change: { readonly from: Organization; readonly to: Organization },
  sight: TokenLists,
): void {
  const { from, to } = change;
  if (from.currency === to.currency) return;
  const users = book.owners.filter(
    (owner) =>
      mixesCurrencies(owner, { book, organization: to }) &&
      !mixesCurrencies(owner, { book, organization: from }),
  );
  const words = `Amounts without a currency of their own would be in ${to.currency} and no longer in ${from.currency}`;
  refuseUses(foundUse(words, users), sight);
}
