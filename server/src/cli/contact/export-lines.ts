/** Contacts as lines of CSV or NDJSON, a page at a time. */
import { identityColumns } from '../../administration/contact/flat-names.ts';
import type { ContactList, ListedContact } from '../../administration/contact/list-contacts.ts';

export type ContactPages = AsyncIterable<readonly ListedContact[]>;

export async function* jsonLines(pages: ContactPages): AsyncGenerator<string> {
  for await (const contacts of pages) {
    yield contacts.map((contact) => `${JSON.stringify(contact)}\n`).join('');
  }
}

/** @param lineEnd that of RFC 4180 is CRLF, which a terminal would show */
export async function* csvLines(
  list: ContactList,
  pages: ContactPages,
  lineEnd: string,
): AsyncGenerator<string> {
  const { identityTypes } = list;
  const names = list.columns.map(({ name }) => name);
  const fixed = identityColumns(list);
  yield csvLine([fixed.id, ...fixed.types, ...names]) + lineEnd;
  for await (const contacts of pages) {
    yield contacts
      .map(({ contact_id, identities, values }) => {
        const found = identityTypes.map((type) => valuesOf(identities, type));
        return csvLine([
          contact_id ?? '',
          ...found,
          ...names.map((name) => cellText(values[name])),
        ]);
      })
      .map((line) => line + lineEnd)
      .join('');
  }
}

/** Several identities of one type are separated by spaces. Of some only the hash is known. */
function valuesOf(identities: ListedContact['identities'], type: string): string {
  return identities.flatMap((one) => (one.type === type ? (one.value ?? []) : [])).join(' ');
}

export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) =>
    /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return quoted.join(',');
}
