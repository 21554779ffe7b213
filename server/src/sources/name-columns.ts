/** Names a source's columns where names are missing or repeated, and bounds their number. */
import { maxSourceColumns } from '../domain/limits.ts';
import { invalidSource } from './source-failure.ts';

/**
 * Distinct names: a repeated name gets `_2`, an empty name becomes `column_<number>`.
 * @param holder begins a message: "people.csv has"
 * @throws UsherError `definition_invalid` for too many
 */
export function nameColumns(
  cells: readonly string[],
  holder: string,
): { columns: string[]; notes: string[] } {
  requireColumnCount(cells.length, holder);
  const taken = new Set(cells.map((cell) => cell.trim()));
  const seen = new Set<string>();
  const notes: string[] = [];
  const columns = cells.map((cell, index) => {
    const written = cell.trim();
    const wanted = written === '' ? `column_${index + 1}` : written;
    if (!seen.has(wanted) && (written !== '' || !taken.has(wanted))) {
      seen.add(wanted);
      if (written === '') notes.push(`Column ${index + 1} has no name and is called ${wanted}.`);
      return wanted;
    }
    const name = freeName(wanted, (candidate) => seen.has(candidate) || taken.has(candidate));
    seen.add(name);
    notes.push(`Column ${index + 1} repeats the name ${wanted} and is called ${name}.`);
    return name;
  });
  return { columns, notes };
}

/** @throws UsherError `definition_invalid` for too many columns */
export function requireColumnCount(count: number, holder: string): void {
  if (count <= maxSourceColumns) return;
  throw invalidSource(`${holder} ${count} columns; at most ${maxSourceColumns} can be read.`);
}

/** The name with the lowest number after it that makes a free name. */
export function freeName(wanted: string, isTaken: (name: string) => boolean): string {
  let number = 2;
  while (isTaken(`${wanted}_${number}`)) number += 1;
  return `${wanted}_${number}`;
}
