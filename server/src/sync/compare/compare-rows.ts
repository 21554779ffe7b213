/**
 * Makes the rows to send, and the next baseline, from the rows that count (`settle-repeats.ts`).
 */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import { sqlText, type Workbench } from '../../sources/workbench.ts';
import { countRows } from '../table/table-rows.ts';
import { makeTables, type Table, type Tables } from '../table/tables.ts';
import type { BaselineTables } from './baseline.ts';
import type { SettledTables } from './settle-repeats.ts';

export function listSentRows(
  workbench: Workbench,
  tables: BaselineTables & Tables<'stagedRows' | 'unsentRows'>,
  { identifiers }: RowMapping,
): Promise<Tables<'sentRows'>> {
  const { stagedRows, unsentRows, digestCells, keyIdentity, sealDigest } = tables;
  const keys = identifiers.map(({ identityType: { id } }, at) => {
    const key = `${keyIdentity}(${sqlText(`${id} `)} || digest${at})`;
    return `digest${at}, ${key} AS identity_key${at}`;
  });
  const sealed = identifiers.map((_, at) => {
    const key = `identity_key${at}`;
    return `${key}, ${sealDigest}(${key}, digest${at}) AS sealed_digest${at}`;
  });
  const sentRows = `SELECT row_id, cells_digest, ${sealed.join(', ')}
    FROM (SELECT row_id, ${digestCells}(hash1, hash2) AS cells_digest, ${keys.join(', ')}
      FROM ${stagedRows} WHERE row_id NOT IN (SELECT row_id FROM ${unsentRows}))`;
  return workbench.beside((statements) => makeTables(statements, { sentRows }));
}

/** The tables that exist once rows were applied. */
export type AppliedTables = BaselineTables &
  Tables<
    | 'stagedRows'
    | 'rejectedClaims'
    | 'sentRows'
    | 'unsentRows'
    | 'knownBaselineRows'
    | 'refusedRows'
    | 'agedIdentities'
  >;

/** The tables that also exist if a contact has one row. */
export type ContactTables = SettledTables & Tables<'vanishedContacts'>;

export interface AppliedRows {
  readonly mapping: RowMapping;
  readonly tables: AppliedTables;
  /** `undefined`: a contact has many rows. */
  readonly contacts: ContactTables | undefined;
  /** Whether contacts that the source no longer names were cleared. */
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
 * its contact gets another row or is cleared, so that every contact that the dataset fills has one
 * row.
 */
export async function baselineRowsAfter(
  workbench: Workbench,
  { mapping, tables, contacts, isCleared }: AppliedRows,
): Promise<BaselineRows> {
  const { stagedRows, sentRows, refusedRows, baselineRows, knownBaselineRows } = tables;
  const refused =
    contacts === undefined
      ? `SELECT row_id FROM ${refusedRows}`
      : `SELECT row_id FROM ${stagedRows} WHERE first_claim IN (SELECT claim FROM ${refusedRows})`;
  const applied = `${sentRows} WHERE row_id NOT IN (${refused})`;
  const replaced = await makeTables(workbench, {
    replacedBaselineRows:
      contacts === undefined
        ? // For a feed, the rows that the source still has are enough.
          `SELECT baseline_row FROM ${baselineRows}
            WHERE baseline_row NOT IN (SELECT baseline_row FROM ${knownBaselineRows})`
        : `SELECT baseline_row FROM ${contacts.baselineMatches}
              WHERE row_id IN (SELECT row_id FROM ${applied})
            UNION SELECT baseline_row FROM ${contacts.vanishedContacts} WHERE ${isCleared}`,
  });
  const { replacedBaselineRows } = replaced;
  const blanked = contacts && (await blankAged(workbench, { ...tables, ...contacts, ...replaced }));
  const changes = await countRows(
    workbench,
    `(SELECT 1 FROM ${applied}
    UNION ALL SELECT 1 FROM ${replacedBaselineRows})`,
  );
  const isSame = blanked === undefined && changes === 0;
  const columns = mapping.identifiers
    .map((_, at) => `identity_key${at}, sealed_digest${at}`)
    .join(', ');
  const distinct = contacts === undefined ? 'DISTINCT ON (cells_digest) ' : '';
  const fresh = `(SELECT ${distinct}cells_digest, ${columns} FROM ${applied})`;
  const kept = `baseline_row NOT IN (SELECT baseline_row FROM ${replacedBaselineRows})`;
  if (blanked === undefined) return { tables: replaced, keptSql: kept, freshSql: fresh, isSame };
  const rows = `(SELECT baseline_row FROM ${blanked})`;
  return {
    tables: replaced,
    keptSql: `${kept} AND baseline_row NOT IN ${rows}`,
    freshSql: `${fresh} UNION ALL SELECT NULL, ${columns} FROM ${baselineRows}
      WHERE baseline_row IN ${rows}`,
    isSame,
  };
}

/** Drops the cells' digest of contacts that keep their age, so that their next good row is sent. */
async function blankAged(
  workbench: Workbench,
  tables: AppliedTables & ContactTables & Tables<'replacedBaselineRows'>,
): Promise<Table<'blankedBaselineRows'> | undefined> {
  const { agedIdentities, baselineRows, baselineIdentities, replacedBaselineRows } = tables;
  if ((await countRows(workbench, agedIdentities)) === 0) return undefined;
  const { blankedBaselineRows } = await makeTables(workbench, {
    blankedBaselineRows: `SELECT baseline_row FROM ${baselineRows} WHERE cells_digest IS NOT NULL
      AND baseline_row NOT IN (SELECT baseline_row FROM ${replacedBaselineRows})
      AND baseline_row IN (SELECT baseline_row FROM ${baselineIdentities}
        WHERE identity_key IN (SELECT identity_key FROM ${agedIdentities}))`,
  });
  return (await countRows(workbench, blankedBaselineRows)) === 0 ? undefined : blankedBaselineRows;
}

/** Rows of a baseline for contacts that have no usable row in the source. */
export interface StandIns {
  /** SQL to append to `freshSql`. */
  readonly sql: string;
  /** Whether the baseline with them holds every contact that the dataset fills. */
  readonly isComplete: boolean;
}

export const noStandIns: StandIns = { sql: '', isComplete: true };

/**
 * Lists the contacts that have only unusable rows in the source. The baseline holds them without a
 * digest of cells, so that they are cleared once they have no row. With several identifiers, two of
 * them might be one contact: then none is listed, and the next run reads every identity of the
 * store.
 */
export async function listStandIns(
  workbench: Workbench,
  tables: AppliedTables & ContactTables & Tables<'replacedBaselineRows'>,
  { identifiers }: RowMapping,
): Promise<StandIns> {
  const { stagedRows, unsentRows, refusedRows, rejectedClaims, rowClaims } = tables;
  const { keyIdentity, baselineIdentities, replacedBaselineRows } = tables;
  const unsent = `(SELECT row_id FROM ${unsentRows})`;
  const applied = `SELECT first_claim FROM ${stagedRows} WHERE row_id NOT IN ${unsent}
    AND first_claim NOT IN (SELECT claim FROM ${refusedRows})`;
  const held = `SELECT identity_key FROM ${baselineIdentities}
    WHERE baseline_row NOT IN (SELECT baseline_row FROM ${replacedBaselineRows})`;
  const { standIns } = await makeTables(workbench, {
    standIns: `SELECT DISTINCT claim, ${keyIdentity}(claim) AS identity_key
      FROM (SELECT claim FROM ${rejectedClaims} UNION ALL SELECT claim FROM ${refusedRows}
        UNION ALL SELECT claim FROM ${rowClaims} WHERE row_id IN ${unsent})
      WHERE claim NOT IN (${applied}) AND ${keyIdentity}(claim) NOT IN (${held})`,
  });
  if ((await countRows(workbench, standIns)) === 0) return noStandIns;
  if (identifiers.length > 1) return { sql: '', isComplete: false };
  const seal = `${tables.sealDigest}(identity_key, split_part(claim, ' ', 2))`;
  const sql = ` UNION ALL SELECT NULL, identity_key, ${seal} FROM ${standIns}`;
  return { sql, isComplete: true };
}
