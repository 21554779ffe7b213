/** Which rows the model refuses, because only an erased person had them. */
import {
  claimedBy,
  datasetRules,
  type Identity,
  type Row,
  rowName,
  typeOf,
  typeRules,
} from './identity-state.ts';
import type { ModelState } from './model-state.ts';

interface NamedRow {
  readonly dataset: string;
  /** What it names, its key first. */
  readonly named: readonly Identity[];
  readonly isPush: boolean;
}

/**
 * Whether a row is refused because it names a suppressed identity. A row that is known or kept is
 * applied without that identity, because it is the row of another person. It is found by its key,
 * or as a kept row by the weaker key, of a type that joins, that it had before it named a stronger
 * one. A push also finds the known row of such a key, and the one row that names its key.
 */
export function isSuppressed(state: ModelState, { dataset, named, isPush }: NamedRow): boolean {
  const { rows, suppressed, keptRows, settings } = state;
  const free = named.filter((it) => !suppressed.has(it));
  const [key, ...others] = free;
  if (key === undefined || key !== named[0]) return true;
  if (free.length === named.length || rows.has(rowName(dataset, key))) return false;
  const weaker = others.filter((it) => typeOf(it) !== typeOf(key) && typeRules(settings, it).joins);
  if ([key, ...weaker].some((it) => keptRows.has(rowName(dataset, it)))) return false;
  if (!isPush || datasetRules(settings, dataset).kind === 'identity') return true;
  const own = [...rows.values()].filter((row) => row.dataset === dataset);
  const hasNoOther = (row: Row) =>
    claimedBy(row).every((it) => typeOf(it) !== typeOf(key) || it === key);
  const claiming = own.filter((row) => claimedBy(row).includes(key));
  const mayGetKey = own.some((row) => weaker.includes(row.key) && hasNoOther(row));
  return claiming.length !== 1 && !mayGetKey;
}
