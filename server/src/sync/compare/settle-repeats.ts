/**
 * Decides which rows count: of several rows for one contact, only the last. Compares staged rows
 * with each other and with known rows, for which only the baseline's digests exist.
 */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import { sqlText, type Workbench } from '../../sources/workbench.ts';
import type { ContactReader } from '../../stores/store.ts';
import type { StagedSource } from '../stage/stage-source.ts';
import { countRows } from '../table/table-rows.ts';
import { makeEmpty, makeTables, makeViews, type Tables } from '../table/tables.ts';
import { startWithoutBaseline, type UnkeyedTables } from './baseline.ts';
import { listOtherClaims } from './list-other-claims.ts';

/** The tables that settling makes if a contact has one row. */
export type SettledTables = Tables<
  | 'rowClaims'
  | 'baselineIdentities'
  | 'baselineMatches'
  | 'knownBaselineRows'
  | 'outdatedBaselineRows'
  | 'unsentRows'
>;

/** The rows after the decision which of them count. */
export interface SettledRows {
  readonly tables: StagedSource['tables'] & Tables<'unsentRows' | 'knownBaselineRows'>;
  /** `undefined`: a contact has many rows, and all of them count. */
  readonly contacts: (SettledTables & UnkeyedTables) | undefined;
  /** How many rows count and are as the last run applied them. */
  readonly alike: number;
}

interface SettleOptions {
  readonly workbench: Workbench;
  readonly staged: StagedSource;
  /** Whether a contact has one row; in a membership feed it may have many. */
  readonly isRowPerContact: boolean;
}

/**
 * Decides, before anything is written, which rows count.
 * @param reader `undefined`: there is no store yet
 */
export async function settleStaged(
  reader: ContactReader | undefined,
  organizationId: number,
  { workbench, staged, isRowPerContact }: SettleOptions,
): Promise<SettledRows> {
  const { mapping, before } = staged;
  if (!isRowPerContact) {
    const unsent = await makeEmpty(workbench, ['unsentRows']);
    const known = await staged.known;
    const rejected = await countRows(workbench, staged.tables.rejectedRows);
    if (rejected > 0) await staged.numberRows('false');
    const tables = { ...staged.tables, ...unsent, ...known.tables };
    return { tables, contacts: undefined, alike: staged.knownRows };
  }
  const baseline = before?.tables ?? (await startWithoutBaseline(workbench, mapping));
  const store = reader && { reader, organizationId, mapping };
  const others = await listOtherClaims(workbench, staged.tables, store);
  const tables = { ...staged.tables, ...baseline, ...others };
  const settled = await settleRepeats(workbench, staged, tables);
  return {
    tables: { ...staged.tables, ...settled.tables },
    contacts: { ...baseline, ...settled.tables },
    alike: settled.alike,
  };
}

type ClaimedTables = StagedSource['tables'] &
  UnkeyedTables &
  Tables<'claimsFromStore' | 'conflictingRows'>;

async function settleRepeats(
  workbench: Workbench,
  staged: StagedSource,
  staging: ClaimedTables,
): Promise<{ readonly tables: SettledTables; readonly alike: number }> {
  const { mapping, knownRows } = staged;
  const { conflictingRows, rejectedRows } = staging;
  const hasBefore = staged.before?.loaded !== undefined;
  await workbench.run(`INSERT INTO ${rejectedRows} SELECT row_id, NULL, 'identity_conflict',
    'its identities belong to different contacts' FROM ${conflictingRows}`);
  const known = await staged.known;
  const views = await makeViews(workbench, {
    rowClaims: claimsSql(mapping, staging),
    baselineIdentities: identitiesSql(mapping, staging),
  });
  const named = { ...staging, ...known.tables, ...views };
  const matches = hasBefore
    ? await findMatches(workbench, named)
    : await makeEmpty(workbench, ['baselineMatches']);
  const matched = { ...named, ...matches };
  const { contestedRows } = await findContested(workbench, matched, known.count < knownRows);
  const contested = await countRows(workbench, contestedRows);
  const shared = await countRows(
    workbench,
    `(SELECT hash(claim) AS claim FROM ${views.rowClaims} GROUP BY 1 HAVING count(*) > 1)`,
  );
  const isSettled = shared === 0 && contested === 0;
  if (!isSettled || (await countRows(workbench, rejectedRows)) > 0) {
    await staged.numberRows(`cells_digest IN (SELECT cells_digest FROM ${contestedRows})`);
  }
  const counting = await makeEmpty(workbench, ['earlierRows', 'outdatedBaselineRows']);
  const unsent = await makeTables(workbench, {
    unsentRows: `SELECT row_id FROM ${conflictingRows}`,
  });
  const tables = { ...matched, ...unsent, ...counting, contestedRows };
  if (isSettled) return { tables, alike: knownRows };
  await findEarlierRows(workbench, tables, hasBefore);
  await rejectEarlierRows(workbench, tables, mapping);
  const { scannedRows, earlierRows, outdatedBaselineRows } = tables;
  await workbench.run(`INSERT INTO ${outdatedBaselineRows}
    SELECT contested.baseline_row FROM ${contestedRows} AS contested
      JOIN ${scannedRows} AS scanned USING (cells_digest)
      LEFT JOIN ${earlierRows} AS earlier
        ON earlier.row_id = scanned.row_id AND earlier.baseline_row IS NOT NULL
    WHERE scanned.cells_digest IS NOT NULL
    GROUP BY contested.baseline_row HAVING count(earlier.row_id) = count(*)`);
  return { tables, alike: known.count - (await countRows(workbench, outdatedBaselineRows)) };
}

function identitiesSql({ identifiers }: RowMapping, { baselineRows }: UnkeyedTables): string {
  const each = identifiers.map(
    (_, at) => `SELECT baseline_row, identity_key${at} AS identity_key
      FROM ${baselineRows} WHERE identity_key${at} IS NOT NULL`,
  );
  return each.join(' UNION ALL ');
}

function claimsSql({ identifiers }: RowMapping, tables: ClaimedTables): string {
  const { stagedRows, claimsFromStore } = tables;
  const each = identifiers.map(({ identityType: { id } }, at) => {
    const claim = `${sqlText(`${id} `)} || digest${at} AS claim`;
    return `SELECT row_id, ${claim} FROM ${stagedRows} WHERE digest${at} IS NOT NULL`;
  });
  return [...each, `SELECT row_id, claim FROM ${claimsFromStore}`].join(' UNION ALL ');
}

export async function findMatches(
  workbench: Workbench,
  tables: Tables<'rowClaims' | 'baselineIdentities' | 'keyIdentity'>,
): Promise<Tables<'baselineMatches'>> {
  const { rowClaims, baselineIdentities, keyIdentity } = tables;
  const keys = `SELECT row_id, ${keyIdentity}(claim) AS identity_key FROM ${rowClaims}`;
  return makeTables(workbench, {
    baselineMatches: `SELECT DISTINCT row_id, baseline_row
      FROM (${keys}) JOIN ${baselineIdentities} USING (identity_key)`,
  });
}

/** @param hasTwice whether the source has known rows more than once */
async function findContested(
  workbench: Workbench,
  tables: Tables<'scannedRows' | 'knownBaselineRows' | 'baselineMatches'>,
  hasTwice: boolean,
): Promise<Tables<'contestedRows'>> {
  const { scannedRows, knownBaselineRows, baselineMatches } = tables;
  const matches = await countRows(workbench, baselineMatches);
  if (matches === 0 && !hasTwice) return makeEmpty(workbench, ['contestedRows']);
  const repeated = `SELECT cells_digest FROM ${scannedRows} WHERE cells_digest IS NOT NULL
    GROUP BY cells_digest HAVING ${hasTwice} AND count(*) > 1`;
  return makeTables(workbench, {
    contestedRows: `SELECT baseline_row, cells_digest FROM ${knownBaselineRows}
      WHERE baseline_row IN (SELECT baseline_row FROM ${baselineMatches})
        OR cells_digest IN (${repeated})`,
  });
}

type FoundTables = ClaimedTables & SettledTables & Tables<'contestedRows' | 'earlierRows'>;

async function findEarlierRows(
  workbench: Workbench,
  tables: FoundTables,
  hasBefore: boolean,
): Promise<void> {
  const { rowClaims, rowNumbers, contestedRows, scannedRows } = tables;
  const { baselineIdentities, earlierRows, keyIdentity } = tables;
  const known = `UNION ALL
    SELECT scanned.row_id, contested.baseline_row,
      coalesce(numbers.row_number, scanned.row_id) AS row_number, known.identity_key AS identity
    FROM ${contestedRows} AS contested JOIN ${scannedRows} AS scanned USING (cells_digest)
      JOIN ${baselineIdentities} AS known USING (baseline_row)
      LEFT JOIN ${rowNumbers} AS numbers ON numbers.row_id = scanned.row_id`;
  await workbench.run(`INSERT INTO ${earlierRows}
    WITH all_rows AS (
      SELECT claims.row_id, CAST(NULL AS BIGINT) AS baseline_row,
        coalesce(numbers.row_number, claims.row_id) AS row_number,
        ${hasBefore ? `${keyIdentity}(claim)` : 'claim'} AS identity
      FROM ${rowClaims} AS claims
        LEFT JOIN ${rowNumbers} AS numbers ON numbers.row_id = claims.row_id
      ${hasBefore ? known : ''}),
    last_rows AS (SELECT identity, max(row_number) AS row_number FROM all_rows
      GROUP BY identity HAVING count(*) > 1)
    SELECT DISTINCT all_rows.row_id, all_rows.baseline_row
    FROM all_rows JOIN last_rows USING (identity) WHERE all_rows.row_number < last_rows.row_number`);
}

async function rejectEarlierRows(
  workbench: Workbench,
  { earlierRows, conflictingRows, unsentRows, rejectedRows }: FoundTables,
  { identifiers }: RowMapping,
): Promise<void> {
  // Conflicting rows are rejected already.
  await workbench.run(
    `DELETE FROM ${earlierRows} WHERE row_id IN (SELECT row_id FROM ${conflictingRows})`,
  );
  await workbench.run(
    `INSERT INTO ${unsentRows} SELECT row_id FROM ${earlierRows} WHERE baseline_row IS NULL`,
  );
  // With several identifiers, two rows may be for one contact by an identity that is in neither
  // row, so the rejection names no column.
  const [first, ...others] = identifiers;
  const column = others.length === 0 ? sqlText(first?.column ?? '') : 'NULL';
  await workbench.run(`INSERT INTO ${rejectedRows} SELECT row_id, ${column}, 'identity_repeated',
    'is for the contact of a later row, which counts' FROM ${earlierRows}`);
}
