/** Contacts as lines of CSV or NDJSON, a page at a time. */
import { identityColumns } from '../../administration/contact/flat-names.ts';
import type { ContactList, ListedContact } from '../../administration/contact/list-contacts.ts';
import { csvLine, spreadsheetText } from '../../domain/csv-line.ts';

export type ContactPages = AsyncIterable<readonly ListedContact[]>;

export async function* jsonLines(pages: ContactPages): AsyncGenerator<string> {
  for await (const contacts of pages) {
    yield contacts.map((contact) => `${JSON.stringify(contact)}\n`).join('');
  }
}

export interface CsvForm {
  /** That of RFC 4180 is CRLF, which a terminal would show. */
  readonly lineEnd: string;
  /** Whether a spreadsheet shall open it, which would run some values as formulas. */
  readonly isForSpreadsheet: boolean;
}

export async function* csvLines(
  list: ContactList,
  pages: ContactPages,
  { lineEnd, isForSpreadsheet }: CsvForm,
): AsyncGenerator<string> {
  const safe = isForSpreadsheet ? spreadsheetText : (text: string) => text;
  const { identityTypes } = list;
  const names = list.columns.map(({ name }) => name);
  const fixed = identityColumns(list);
  yield csvLine([fixed.id, ...fixed.types, ...names]) + lineEnd;
  for await (const contacts of pages) {
    yield contacts
      .map(({ contact_id, identities, values }) => {
        const found = identityTypes.map((type) => valuesOf(identities, type));
        const cells = [...found, ...names.map((name) => cellText(values[name]))];
        return csvLine([contact_id ?? '', ...cells.map(safe)]);
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
