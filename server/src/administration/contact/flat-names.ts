/** Names where what every contact has stands beside its fields: in CSV, Parquet and tables. */
import type { ContactList } from './list-contacts.ts';

/**
 * The names of the column of contact ids, and of those of the identity types. A field may be named
 * `contact_id`, too. No field has a colon in its name, and no identity type is named `id`.
 */
export function identityColumns(list: Pick<ContactList, 'columns' | 'identityTypes'>): {
  readonly id: string;
  readonly types: readonly string[];
} {
  const isTaken = list.columns.some(({ name }) => name === 'contact_id');
  return {
    id: isTaken ? 'identity:id' : 'contact_id',
    types: list.identityTypes.map((type) => `identity:${type}`),
  };
}

/** The headings of a table that are not names of fields. No field has a space in its name. */
export function fixedHeadings(fields: readonly string[]): {
  readonly contact: string;
  readonly identities: string;
} {
  return {
    contact: fields.includes('contact') ? 'CONTACT ID' : 'CONTACT',
    identities: fields.includes('identities') ? 'ALL IDENTITIES' : 'IDENTITIES',
  };
}
