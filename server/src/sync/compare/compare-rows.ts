/**
 * Makes the rows to send, and the next baseline, from the rows that count (`settle-repeats.ts`).
 */
import type { Workbench } from '../../sources/workbench.ts';
import type { StagedSource } from '../stage/stage-source.ts';
import { countRows } from '../table/table-rows.ts';
import { makeTables, makeViews, type Table, type Tables } from '../table/tables.ts';
import { addedUpSql } from './add-rows-up.ts';
import { type BaselineTables, claimsHashSql } from './baseline.ts';
import type { SettledTables } from './settle-repeats.ts';

export function listSentRows(
  workbench: Workbench,
  tables: BaselineTables & Tables<'stagedRows' | 'unsentRows'>,
  { repeats }: Pick<StagedSource, 'repeats'>,
): Promise<Tables<'sentRows'>> {
  const { stagedRows, unsentRows, digestCells, hashKey, sealDigest } = tables;
  // If the cells of rows that add up have changed, so have their claims.
  const rows =
    repeats === 'added'
      ? `(SELECT *, CAST(NULL AS VARCHAR) AS claims FROM (${addedUpSql(tables)}))`
      : `(SELECT row_id, row_key, ${digestCells}(hash1, hash2) AS cells_digest, claims
          FROM ${stagedRows})`;
  const sentRows = `SELECT row_id, row_key, cells_digest,
      ${keyTypeSql} AS key_type, key_hash, ${sealDigest}(key_hash, ${keyDigestSql}) AS sealed_key,
      ${claimsHashSql(hashKey)} AS claims_hash
    FROM (SELECT *, ${hashKey}(row_key) AS key_hash FROM ${rows}
      WHERE row_id NOT IN (SELECT row_id FROM ${unsentRows}))`;
  // Rows that add up are sorted for it. The digests of others are made when a baseline is written,
  // beside the writer: as a table, they would take 170 MB for a million rows.
  return repeats === 'added'
    ? workbench.beside((statements) => makeTables(statements, { sentRows }))
    : makeViews(workbench, { sentRows });
}

const keyTypeSql = "CAST(split_part(row_key, ' ', 1) AS USMALLINT)";
const keyDigestSql = "split_part(row_key, ' ', 2)";

/** The columns that a new row of the baseline has besides the digest of its cells. */
const keyColumns = 'key_type, key_hash, sealed_key, claims_hash';

/** The tables that exist once rows were applied. */
export type AppliedTables = BaselineTables &
  Tables<
    'stagedRows' | 'sentRows' | 'unsentRows' | 'knownBaselineRows' | 'refusedRows' | 'agingKeys'
  >;

/** The tables that also exist if a key has one row in the store. */
export type KeyedTables = SettledTables & Tables<'vanishedRows'>;

export interface AppliedRows {
  readonly tables: AppliedTables;
  /** `undefined` if a key has many rows. */
  readonly keyed: KeyedTables | undefined;
  /** Whether rows that the source no longer has were cleared. */
  readonly isCleared: boolean;
}

/** Rows of a baseline to be written (`baseline.ts`). */
export interface BaselineRows {
  readonly tables: Tables<'replacedBaselineRows'>;
  readonly keptSql: string;
  readonly freshSql: string;
  /** Whether they equal the rows of the previous baseline. */
  readonly isSame: boolean;
}

/**
 * The baseline's rows after a run: those applied now, and earlier ones. An earlier row stays until
 * another row has its key or it is cleared, so that the baseline has every row of the dataset.
 */
export async function baselineRowsAfter(
  workbench: Workbench,
  { tables, keyed, isCleared }: AppliedRows,
): Promise<BaselineRows> {
  const { sentRows, refusedRows, baselineRows, knownBaselineRows } = tables;
  const isRefused =
    keyed === undefined
      ? `row_id IN (SELECT row_id FROM ${refusedRows})`
      : `row_key IN (SELECT row_key FROM ${refusedRows})`;
  const applied = `${sentRows} WHERE NOT ${isRefused}`;
  const replaced = await makeTables(workbench, {
    replacedBaselineRows:
      keyed === undefined
        ? // For a feed, the rows that the source still has are enough.
          `SELECT baseline_row FROM ${baselineRows}
            WHERE baseline_row NOT IN (SELECT baseline_row FROM ${knownBaselineRows})`
        : `SELECT baseline_row FROM ${keyed.baselineMatches}
              WHERE row_id IN (SELECT row_id FROM ${applied})
            UNION SELECT baseline_row FROM ${keyed.vanishedRows}
              WHERE ${isCleared} AND baseline_row IS NOT NULL`,
  });
  const { replacedBaselineRows } = replaced;
  const blanked = keyed && (await blankAging(workbench, { ...tables, ...replaced }));
  const changes = await countRows(
    workbench,
    `(SELECT 1 FROM ${applied}
    UNION ALL SELECT 1 FROM ${replacedBaselineRows})`,
  );
  const isSame = blanked === undefined && changes === 0;
  const distinct = keyed === undefined ? 'DISTINCT ON (cells_digest) ' : '';
  const fresh = `(SELECT ${distinct}cells_digest, ${keyColumns} FROM ${applied})`;
  const kept = `baseline_row NOT IN (SELECT baseline_row FROM ${replacedBaselineRows})`;
  if (blanked === undefined) return { tables: replaced, keptSql: kept, freshSql: fresh, isSame };
  const rows = `(SELECT baseline_row FROM ${blanked})`;
  return {
    tables: replaced,
    keptSql: `${kept} AND baseline_row NOT IN ${rows}`,
    freshSql: `${fresh} UNION ALL SELECT NULL, ${keyColumns} FROM ${baselineRows}
      WHERE baseline_row IN ${rows}`,
    isSame,
  };
}

/** Drops the cells' digest of rows that keep their age, so that their next good row is sent. */
async function blankAging(
  workbench: Workbench,
  tables: AppliedTables & Tables<'replacedBaselineRows'>,
): Promise<Table<'blankedBaselineRows'> | undefined> {
  const { agingKeys, baselineRows, replacedBaselineRows } = tables;
  if ((await countRows(workbench, agingKeys)) === 0) return undefined;
  const { blankedBaselineRows } = await makeTables(workbench, {
    blankedBaselineRows: `SELECT baseline_row FROM ${baselineRows} WHERE cells_digest IS NOT NULL
      AND baseline_row NOT IN (SELECT baseline_row FROM ${replacedBaselineRows})
      AND key_hash IN (SELECT key_hash FROM ${agingKeys})`,
  });
  return (await countRows(workbench, blankedBaselineRows)) === 0 ? undefined : blankedBaselineRows;
}

/**
 * Rows of the dataset of which the source has only unusable rows. The baseline holds them without a
 * digest of cells, so that they are cleared once the source no longer has them.
 * @returns SQL to append to `freshSql`
 */
export async function listStandIns(
  workbench: Workbench,
  tables: AppliedTables & KeyedTables & Tables<'replacedBaselineRows'>,
): Promise<string> {
  const { stagedRows, refusedRows, rejectedKeys, hashKey, sealDigest } = tables;
  const { baselineRows, replacedBaselineRows } = tables;
  const refused = `SELECT row_key FROM ${refusedRows}`;
  const held = `SELECT key_hash FROM ${baselineRows}
    WHERE baseline_row NOT IN (SELECT baseline_row FROM ${replacedBaselineRows})`;
  const { standIns } = await makeTables(workbench, {
    standIns: `SELECT row_key, key_hash
      FROM (SELECT row_key, ${hashKey}(row_key) AS key_hash
        FROM (SELECT row_key FROM ${rejectedKeys} UNION ${refused}))
      WHERE row_key NOT IN (SELECT row_key FROM ${stagedRows} WHERE row_key NOT IN (${refused}))
        AND key_hash NOT IN (${held})`,
  });
  if ((await countRows(workbench, standIns)) === 0) return '';
  return ` UNION ALL SELECT NULL, ${keyTypeSql}, key_hash, ${sealDigest}(key_hash, ${keyDigestSql}), NULL
    FROM ${standIns}`;
}
