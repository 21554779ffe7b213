/**
 * Keeps the age of rows that a run rejects, since the run has no new values for them. It finds them
 * before anything is applied, and marks them in the store afterwards, under the run's lease. In the
 * baseline they lose the digest of their cells (`compare-rows.ts`), so that their next good row is
 * sent even if it is unchanged, and makes them fresh.
 *
 * If another row with the same key is applied, or found unchanged, the row is as fresh as that one.
 */
import type { Workbench } from '../../sources/workbench.ts';
import { asOfAt, findSectionEntry } from '../../stores/read-record.ts';
import { keepsAge } from '../../stores/section-age.ts';
import { recordOnly } from '../../stores/store.ts';
import type { UnkeyedTables } from '../compare/baseline.ts';
import type { SettledTables } from '../compare/settle-repeats.ts';
import type { DatasetRun } from '../dataset-run.ts';
import { identityOf } from '../table/identity-text.ts';
import { countRows, inBatches } from '../table/table-rows.ts';
import { makeEmpty, makeTables, type Tables } from '../table/tables.ts';
import { unmatchedCode } from './apply-changes.ts';

/**
 * Finds these rows by the rows rejected so far. Call it again after the store has refused rows.
 * @param keyed `undefined` for a feed: it has no section whose age could be kept
 */
export async function findAging(
  workbench: Workbench,
  { stagedRows, refusedRows }: Tables<'stagedRows' | 'refusedRows'>,
  keyed: (SettledTables & UnkeyedTables) | undefined,
): Promise<Tables<'agingKeys'>> {
  if (keyed === undefined) return makeEmpty(workbench, ['agingKeys']);
  const { rejectedKeys, hashKey } = keyed;
  const { baselineRows, knownBaselineRows, outdatedBaselineRows } = keyed;
  const counts = [rejectedKeys, refusedRows].map((it) => countRows(workbench, it));
  if ((await Promise.all(counts)).every((count) => count === 0)) {
    return makeEmpty(workbench, ['agingKeys']);
  }
  const { confirmedKeys } = await makeTables(workbench, {
    confirmedKeys: `SELECT ${hashKey}(row_key) AS key_hash FROM ${stagedRows}
        WHERE row_key NOT IN (SELECT row_key FROM ${refusedRows})
      UNION SELECT key_hash FROM ${baselineRows}
        WHERE baseline_row IN (SELECT baseline_row FROM ${knownBaselineRows})
          AND baseline_row NOT IN (SELECT baseline_row FROM ${outdatedBaselineRows})`,
  });
  const lost = `SELECT row_key FROM ${rejectedKeys}
    UNION SELECT row_key FROM ${refusedRows} WHERE code <> '${unmatchedCode}'`;
  return makeTables(workbench, {
    agingKeys: `SELECT row_key, key_hash
      FROM (SELECT row_key, ${hashKey}(row_key) AS key_hash FROM (${lost}))
      WHERE key_hash NOT IN (SELECT key_hash FROM ${confirmedKeys})`,
  });
}

/**
 * The keys of rows in the store whose age is not kept yet. A run that only finds ages that are kept
 * already must not write.
 */
export async function* withoutKept(
  { reader, lease: { organizationId, datasetId } }: Pick<DatasetRun, 'reader' | 'lease'>,
  keys: AsyncIterable<string>,
): AsyncGenerator<string> {
  for await (const batch of inBatches(keys)) {
    const queries = batch.map((key) => {
      return { organizationId, identity: identityOf(key), parts: recordOnly };
    });
    const areAging = await reader.readContacts(queries, ({ record }) => {
      const entry = findSectionEntry(record, datasetId);
      return entry >= 0 && !keepsAge(asOfAt(record, entry));
    });
    yield* batch.filter((_, place) => areAging[place] === true);
  }
}
