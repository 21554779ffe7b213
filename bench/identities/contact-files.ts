/**
 * The contacts that `npm run bench:identities` imports: each row has a number, an e-mail address
 * and eighteen values of the generated contacts. The file has three editions, and a list of pairs
 * says which numbers belong to one contact.
 */
import { benchFields } from '../lookup/contact-fields.ts';
import { makeContact } from '../lookup/contacts-data.ts';
import { writeOnce } from '../lookup/data-files.ts';

/**
 * `base`: the first export. `changed`: values of 1 % of the rows have changed. `moved`: as
 * `changed`, and 1 % of the rows name the e-mail address that another contact had before.
 */
export type Edition = 'base' | 'changed' | 'moved';

export interface NumberedContact {
  readonly number: string;
  readonly email: string;
  /** As a look-up returns them, in the order of `numberedFields`. */
  readonly values: readonly { readonly csv: string; readonly json: string }[];
}

const identityColumns = ['contact_no', 'mail'];

/** With the two identities, a file has twenty columns. */
const places = benchFields
  .flatMap(({ dataset }, i) => (dataset === 'shop' ? [i] : []))
  .slice(0, 18);

export const numberedFields = places.flatMap((i) => benchFields[i] ?? []);

/** @param contacts how many contacts there are, an even number */
export function makeNumbered(index: number, contacts: number, edition: Edition): NumberedContact {
  const isLater = edition !== 'base' && isChanged(index);
  const contact = makeContact(index, isLater ? 2 : 1);
  const exchanged = edition === 'moved' ? exchangedWith(index, contacts) : undefined;
  return {
    number: numberOf(index),
    email: exchanged === undefined ? contact.email : makeContact(exchanged).email,
    values: places.flatMap((i) => contact.values[i] ?? []),
  };
}

/**
 * Writes a CSV file of all contactsOfPair.
 * @returns its path
 */
export function writeNumberedFile(contacts: number, edition: Edition): string {
  return writeOnce({
    name: `numbered-${contacts}-${edition}.csv`,
    head: `${[...identityColumns, ...numberedFields.map(({ name }) => name)].join(',')}\n`,
    line: (index) => {
      const { number, email, values } = makeNumbered(index, contacts, edition);
      return `${[number, email, ...values.map(({ csv }) => csv)].join(',')}\n`;
    },
    lines: contacts,
  });
}

/**
 * Writes a CSV file that joins all contacts in pairs, by their numbers.
 * @returns its path
 */
export function writePairFile(contacts: number): string {
  return writeOnce({
    name: `numbered-${contacts}-pairs.csv`,
    head: 'one,other\n',
    line: (index) => `${numberOf(index)},${numberOf(partnerOf(index, contacts))}\n`,
    lines: contacts / 2,
  });
}

export function countChanged(contacts: number): number {
  return count(contacts, isChanged);
}

export function countMoved(contacts: number): number {
  return count(contacts, (index) => exchangedWith(index, contacts) !== undefined);
}

/** The contact of the second half of the file that the list joins with one of the first half. */
export function partnerOf(index: number, contacts: number): number {
  const half = contacts / 2;
  return half + ((index + 1) % half);
}

/** The contact with which this one exchanges the e-mail address, if it does. */
function exchangedWith(index: number, contacts: number): number | undefined {
  const half = contacts / 2;
  const first = index < half ? index : (index - 1) % half;
  if (first % 100 !== 57) return undefined;
  return index < half ? partnerOf(index, contacts) : first;
}

function isChanged(index: number): boolean {
  return index % 100 === 7;
}

function numberOf(index: number): string {
  return `C${String(index).padStart(8, '0')}`;
}

function count(contacts: number, is: (index: number) => boolean): number {
  return Array.from({ length: contacts }, (_, index) => index).filter(is).length;
}
