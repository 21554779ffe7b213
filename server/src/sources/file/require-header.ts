/**
 * Refuses a delimited file whose first row seems to be a contact. Its cells would become names of
 * columns and fields, which the catalog and its audit log keep after the contact is erased.
 */
import { normaliseIdentity } from '../../domain/contact/identity.ts';
import { invalidSource } from '../source-failure.ts';

/**
 * @param cells the cells of the header
 * @param rows the cells of the first rows below it
 * @throws UsherError `definition_invalid`, which names columns by their numbers only
 */
export function requireHeader(
  file: string,
  cells: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const address = cells.findIndex(isEmail);
  if (address >= 0) throw noHeader(file, `column ${address + 1} has an e-mail address`);
  const valued = cells.flatMap((cell, place) => {
    const kind = kindOf(cell);
    // A table may have a column for each day: below its dates there are no dates.
    const isAsBelow = kind !== undefined && rows.some((row) => kindOf(row[place] ?? '') === kind);
    return isAsBelow ? [{ place, kind }] : [];
  });
  const [one, other] = valued;
  if (one === undefined || other === undefined) return;
  const told = [one, other].map(({ place, kind }) => `column ${place + 1} has ${kind}`);
  throw noHeader(file, told.join(' and '));
}

function noHeader(file: string, what: string) {
  return invalidSource(
    `${file}: in its first row, ${what}, so this row seems to be a contact and not a header. Add a row with the names of the columns above it. If it is the header, give these columns other names.`,
  );
}

function isEmail(cell: string): boolean {
  const address = cell.includes('@') ? normaliseIdentity('email', cell) : undefined;
  return address?.includes('.', address.indexOf('@')) ?? false;
}

/** What a cell holds, if names of columns do not look like it. */
function kindOf(cell: string): string | undefined {
  const text = cell.trim();
  if (text.length > longestValue) return undefined;
  if (datePattern.test(text)) return 'a date';
  const digits = text.replaceAll(/[^0-9]/g, '').length;
  if (digits < fewestDigits) return undefined;
  if (digits === text.length) return 'a long number';
  return phonePattern.test(text) ? 'a phone number' : undefined;
}

const longestValue = 40;
/** Shorter numbers may be names: a year, or a year and a month. */
const fewestDigits = 9;
const datePattern = /^[0-9]{1,4}([-./])[0-9]{1,2}\1[0-9]{1,4}(?:[ T][0-9:.+Z-]*)?$/;
const phonePattern = /^[+(0-9][0-9 ()./-]*$/;
