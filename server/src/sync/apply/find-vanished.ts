/** Finds the dataset's rows of which its newest source has no row, not even a rejected one. */
import type { Statements, Workbench } from '../../sources/workbench.ts';
import type { RunLease } from '../../stores/run-lease.ts';
import type { ContactReader } from '../../stores/store.ts';
import type { BaselineTables, UnkeyedTables } from '../compare/baseline.ts';
import type { SettledTables } from '../compare/settle-repeats.ts';
import type { StagedSource } from '../stage/stage-source.ts';
import { identityText } from '../table/identity-text.ts';
import { addRows, countRows, inBatches } from '../table/table-rows.ts';
import { makeEmpty, makeTables, type Tables } from '../table/tables.ts';

type SourceTables = SettledTables & Tables<'stagedRows'>;

/** Compares with a baseline that holds every row of the dataset. */
export async function findVanishedInBaseline(
  statements: Statements,
  tables: SourceTables & BaselineTables,
): Promise<Tables<'vanishedRows'>> {
  const { baselineRows, knownBaselineRows, lostBaselineRows, baselineMatches } = tables;
  const { rejectedKeys, hashKey, unsealDigest } = tables;
  const left =
    lostBaselineRows ??
    `(SELECT baseline_row FROM ${baselineRows}
      WHERE baseline_row NOT IN (SELECT baseline_row FROM ${knownBaselineRows}))`;
  const lost =
    lostBaselineRows === undefined
      ? (await countRows(statements, baselineRows)) -
        (await countRows(statements, knownBaselineRows))
      : await countRows(statements, lostBaselineRows);
  if (lost === 0) return makeEmpty(statements, ['vanishedRows']);
  return makeTables(statements, {
    vanishedRows: `SELECT baseline_row,
        CAST(key_type AS VARCHAR) || ' ' || ${unsealDigest}(key_hash, sealed_key) AS row_key
      FROM ${baselineRows}
      WHERE baseline_row IN (SELECT baseline_row FROM ${left}
          WHERE baseline_row NOT IN (SELECT baseline_row FROM ${baselineMatches}))
        AND key_hash NOT IN (SELECT ${hashKey}(row_key) FROM ${rejectedKeys})`,
  });
}

interface StoredDataset extends Pick<RunLease, 'organizationId' | 'datasetId'> {
  readonly reader: ContactReader;
  readonly staged: Pick<StagedSource, 'mapping' | 'isFoundByAny'>;
}

/**
 * Reads the key of every row in the store, which is slow but needs no complete baseline. Vanished
 * rows that the baseline lacks have no `baseline_row`.
 */
export async function findVanishedInStore(
  workbench: Workbench,
  tables: SourceTables & UnkeyedTables,
  { reader, organizationId, datasetId, staged }: StoredDataset,
): Promise<Tables<'vanishedRows'>> {
  const { storedKeys } = await makeEmpty(workbench, ['storedKeys']);
  let storedRow = 0;
  const rows = reader.scanRows(organizationId, datasetId);
  for await (const batch of inBatches(rows)) {
    const keys = batch.flatMap((row) => {
      storedRow += 1;
      return row.keys.map((key, place) => [storedRow, place, identityText(key)]);
    });
    await addRows(workbench, storedKeys, keys);
  }
  const { hashKey, stagedRows, rejectedKeys, baselineRows, knownBaselineRows } = tables;
  const { namedKeys } = await makeTables(workbench, {
    namedKeys: `SELECT ${hashKey}(row_key) AS key_hash FROM (${namingSql(staged, stagedRows)})
      UNION SELECT ${hashKey}(row_key) FROM ${rejectedKeys}
      UNION SELECT key_hash FROM ${baselineRows}
        WHERE baseline_row IN (SELECT baseline_row FROM ${knownBaselineRows})`,
  });
  const isNamed = `${hashKey}(row_key) IN (SELECT key_hash FROM ${namedKeys})`;
  const vanished = `SELECT row_key, ${hashKey}(row_key) AS key_hash
    FROM (SELECT arg_min(row_key, place) AS row_key
      FROM (SELECT *, ${isNamed} AS is_named FROM ${storedKeys})
      GROUP BY stored_row HAVING NOT bool_or(is_named))`;
  return makeTables(workbench, {
    vanishedRows: `SELECT baseline_row, row_key
      FROM (${vanished}) LEFT JOIN ${baselineRows} USING (key_hash)`,
  });
}

/** The identities that name the staged rows. */
function namingSql({ mapping, isFoundByAny }: StoredDataset['staged'], stagedRows: string): string {
  if (!isFoundByAny) return `SELECT row_key FROM ${stagedRows}`;
  const each = mapping.identifiers.map(
    ({ identityType: { id } }, at) => `SELECT '${id} ' || digest${at} AS row_key
      FROM ${stagedRows} WHERE digest${at} IS NOT NULL`,
  );
  return each.join(' UNION ');
}
