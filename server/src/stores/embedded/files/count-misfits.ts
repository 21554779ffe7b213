/** Counts amendments whose field is gone, or has a type now that their values do not fit. */
import type { AmendableField } from '../../privacy-answer.ts';
import { fittingOf, unpackAmended } from '../contacts/amendment-book.ts';
import type { Environment } from '../environment.ts';
import { organizationPrefix } from '../keyed-database.ts';
import { readEntries } from './read-entries.ts';

/** By field id. */
export async function countMisfits(
  { root, amend }: Pick<Environment, 'root' | 'amend'>,
  organizationId: number,
  fields: readonly AmendableField[],
): Promise<ReadonlyMap<number, number>> {
  const fits = fittingOf(fields);
  const counts = new Map<number, number>();
  const prefix = Uint8Array.from(organizationPrefix(organizationId));
  for await (const entries of readEntries(root, amend, prefix)) {
    for (const { value } of entries) {
      for (const amended of unpackAmended(value).fields) {
        if (fits(amended)) continue;
        counts.set(amended.fieldId, (counts.get(amended.fieldId) ?? 0) + 1);
      }
    }
  }
  return counts;
}
