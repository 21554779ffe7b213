/** Finds the column that a flag names. */
import { fieldNameOf, formerNameOf } from './field-names.ts';
import type { SampledColumn } from './infer-identity.ts';

/** The index of the column with this name, or with this field name, or at this place. */
export function findColumn(
  sample: readonly SampledColumn[],
  name: string,
  isPlace = false,
): number | undefined {
  if (isPlace) return sample[Number(name) - 1] === undefined ? undefined : Number(name) - 1;
  const exact = sample.findIndex(({ column }) => column === name);
  if (exact !== -1) return exact;
  const alike = sample.flatMap(({ column }, place) =>
    isNameOf(name, column, place + 1) ? [place] : [],
  );
  return alike.length === 1 ? alike[0] : undefined;
}

function isNameOf(name: string, column: string, place: number): boolean {
  return (
    fieldNameOf(name, 1) === fieldNameOf(column, place) || name === formerNameOf(column, place)
  );
}

export function unknownColumn(
  flag: string,
  name: string,
  sample: readonly SampledColumn[],
): string {
  const columns = sample.map(({ column }) => column).slice(0, 30);
  return `${flag}: the file has no column ${name}. It has: ${columns.join(', ')}${sample.length > 30 ? ', ...' : ''}.`;
}
