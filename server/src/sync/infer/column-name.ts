/** Tells from a column's name whether its digits are a code, an id or a quantity. */
import { fieldNameOf } from './field-names.ts';

/** Columns of codes. Their digits are not a quantity, and leading zeros matter. */
const codeForms = [
  /zip|phone|(?:^|_)(?:post|postal|area)_?code/,
  /(?:^|_)(?:plz|postleitzahl|cep|tel|telefon|mobile?|fax|whatsapp|ssn|iban|bic|blz|isbn|sku|imei)(?:_|$)/,
  /(?:^|_)account_?n|(?:^|_)(?:konto|kunden|telefon|handy)_?n(?:r|ummer)$/,
  /(?:^|_)versions?$/,
];

/** Columns that count codes are not codes: `phone_calls`. */
const countForm = /(?:^|_)(?:count|total|calls|visits|views|days|sum|usage)$/;

/**
 * Whether the name is that of a column of codes (`zip`, `Phone Number`, `PLZ`), whatever the values
 * look like.
 */
export function isCodeName(column: string): boolean {
  const name = fieldNameOf(column, 1);
  return !countForm.test(name) && codeForms.some((form) => form.test(name));
}

const idWords = new Set([
  ...['id', 'ids', 'uid', 'guid', 'uuid', 'no', 'nr', 'number', 'nummer', 'num', 'code', 'key'],
  ...['ref', 'reference', 'pk', 'fk', 'rowid', 'year', 'jahr', 'ean', 'gtin', 'upc', 'vat'],
]);
/** Names of ids whose words are written together. */
const idForm =
  /(?:user|customer|cust|client|contact|member|person|people|account|order|product|item|article|artikel|company|tenant|store|shop|employee|partner|vendor|supplier|session|device|visitor|guest|lead|invoice|external|legacy|parent|record|row|kunden|kontakt|mitglieds|bestell|rechnungs|konto)(?:id|no|nr|nummer|number|key|code)$/;

/** Numbers that a company gives to people, written in one word. A contact number is a phone's. */
const personIdForm =
  /(?:(?:customer|cust|client|member|membership|person|user|subscriber|kunden|mitglieds|benutzer)(?:id|no|nr|num|number|nummer|key|code|ref)|contact(?:id|key))$/;

/** Whether the name is that of a person's own id: `CustomerKey`, `user_id`, `Kundennummer`. */
export function isPersonIdName(column: string): boolean {
  return personIdForm.test(fieldNameOf(column, 1).replaceAll('_', ''));
}

/** Whether the digits identify something: `customer_id`, `orderNo`, `year`. Then null is not 0. */
export function isIdName(column: string): boolean {
  if (isCodeName(column)) return true;
  const name = fieldNameOf(column, 1);
  const words = name.split('_');
  const last = words.at(-1) ?? '';
  // `number` alone may be a quantity.
  if (words.length === 1 && (last === 'number' || last === 'num')) return false;
  return idWords.has(last) || idForm.test(last);
}
