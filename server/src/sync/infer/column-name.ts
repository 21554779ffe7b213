/** What the name of a column says of its digits. */
import { fieldNameOf } from './field-names.ts';

/** Their digits are no quantity, and zeros in front of them count. */
const codeForms = [
  /zip|phone|(?:^|_)(?:post|postal|area)_?code/,
  /(?:^|_)(?:plz|postleitzahl|cep|tel|telefon|mobile?|fax|whatsapp|ssn|iban|bic|blz|isbn|sku|imei)(?:_|$)/,
  /(?:^|_)account_?n|(?:^|_)(?:konto|kunden|telefon|handy)_?n(?:r|ummer)$/,
  /(?:^|_)versions?$/,
];

/** What is counted or said of them is no code: `phone_calls`. */
const countForm = /(?:^|_)(?:count|total|calls|visits|views|days|sum|usage)$/;

/** `zip`, `Phone Number`, `PLZ`: a column of codes, whatever they look like. */
export function isCodeName(column: string): boolean {
  const name = fieldNameOf(column, 1);
  return !countForm.test(name) && codeForms.some((form) => form.test(name));
}

const idWords = new Set([
  ...['id', 'ids', 'uid', 'guid', 'uuid', 'no', 'nr', 'number', 'nummer', 'num', 'code', 'key'],
  ...['ref', 'reference', 'pk', 'fk', 'rowid', 'year', 'jahr', 'ean', 'gtin', 'upc', 'vat'],
]);
/** In words that are written as one. */
const idForm =
  /(?:user|customer|cust|client|contact|member|person|people|account|order|product|item|article|artikel|company|tenant|store|shop|employee|partner|vendor|supplier|session|device|visitor|guest|lead|invoice|external|legacy|parent|record|row|kunden|kontakt|mitglieds|bestell|rechnungs|konto)(?:id|no|nr|nummer|number|key|code)$/;

/** `customer_id`, `orderNo`, `year`: digits that name something. None is not 0. */
export function isIdName(column: string): boolean {
  if (isCodeName(column)) return true;
  const name = fieldNameOf(column, 1);
  const words = name.split('_');
  const last = words.at(-1) ?? '';
  // `number` alone may be a number of things.
  if (words.length === 1 && (last === 'number' || last === 'num')) return false;
  return idWords.has(last) || idForm.test(last);
}
