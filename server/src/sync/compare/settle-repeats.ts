/**
 * Decides which rows count: of several rows with one key, only the last. Compares staged rows with
 * each other and with known rows, for which only the baseline's digests exist.
 */
import { sqlText, type Workbench } from '../../sources/workbench.ts';
import type { ContactReader } from '../../stores/store.ts';
import type { StagedSource } from '../stage/stage-source.ts';
import { countRows } from '../table/table-rows.ts';
import { makeEmpty, makeTables, type Tables } from '../table/tables.ts';
import { findUnchangedKeys } from './add-rows-up.ts';
import { highHalf, lowHalf, startWithoutBaseline, type UnkeyedTables } from './baseline.ts';
import { listRejectedKeys } from './list-rejected-keys.ts';

/** The tables that settling makes if a key has one row in the store. */
export type SettledTables = Tables<
  'rejectedKeys' | 'baselineMatches' | 'knownBaselineRows' | 'outdatedBaselineRows' | 'unsentRows'
> &
  Partial<Tables<'lostBaselineRows'>>;

/** The rows after the decision which of them count. */
export interface SettledRows {
  readonly tables: StagedSource['tables'] & Tables<'unsentRows' | 'knownBaselineRows'>;
  /** `undefined` if a key has many rows, and all of them count. */
  readonly keyed: (SettledTables & UnkeyedTables) | undefined;
  /** How many rows count and are as the last run applied them. */
  readonly alike: number;
}

/**
 * Decides, before anything is written, which rows count.
 * @param reader `undefined`: there is no store yet
 */
export async function settleStaged(
  workbench: Workbench,
  staged: StagedSource,
  store: { readonly reader: ContactReader | undefined; readonly organizationId: number },
): Promise<SettledRows> {
  const { before, repeats } = staged;
  if (repeats === 'kept') {
    const unsent = await makeEmpty(workbench, ['unsentRows']);
    const known = await staged.known;
    const rejected = await countRows(workbench, staged.tables.rejectedRows);
    if (rejected > 0) await staged.numberRows('false');
    const tables = { ...staged.tables, ...unsent, ...known.tables };
    return { tables, keyed: undefined, alike: staged.knownRows };
  }
  const baseline = before?.tables ?? (await startWithoutBaseline(workbench));
  const rejected = await listRejectedKeys(workbench, staged.tables, store);
  const tables = { ...staged.tables, ...baseline, ...rejected };
  const matches =
    before?.loaded === undefined
      ? await makeEmpty(workbench, ['baselineMatches'])
      : await findMatches(workbench, tables);
  const matched = { ...tables, ...matches };
  const settled =
    repeats === 'added' && before !== undefined
      ? await findUnchangedKeys(workbench, { ...matched, ...before.tables })
      : await settleRepeats(workbench, staged, matched);
  return {
    tables: { ...staged.tables, ...settled.tables },
    keyed: { ...baseline, ...rejected, ...matches, ...settled.tables },
    alike: settled.alike,
  };
}

type MatchedTables = StagedSource['tables'] & UnkeyedTables & Tables<'baselineMatches'>;

async function settleRepeats(workbench: Workbench, staged: StagedSource, matched: MatchedTables) {
  const { knownRows } = staged;
  const hasBefore = staged.before?.loaded !== undefined;
  const known = await staged.known;
  const tables = { ...matched, ...known.tables };
  const { contestedRows } = await findContested(workbench, tables, known.count < knownRows);
  const contested = await countRows(workbench, contestedRows);
  const shared = await countRows(
    workbench,
    `(SELECT hash(row_key) FROM ${tables.stagedRows} GROUP BY 1 HAVING count(*) > 1)`,
  );
  const isSettled = shared === 0 && contested === 0;
  if (!isSettled || (await countRows(workbench, tables.rejectedRows)) > 0) {
    await staged.numberRows(`cells_digest IN (SELECT cells_digest FROM ${contestedRows})`);
  }
  const made = await makeEmpty(workbench, ['earlierRows', 'outdatedBaselineRows', 'unsentRows']);
  const { earlierRows, outdatedBaselineRows, unsentRows } = made;
  const settled = { ...known.tables, outdatedBaselineRows, unsentRows };
  if (isSettled) return { tables: settled, alike: knownRows };
  await findEarlierRows(workbench, { ...tables, contestedRows, earlierRows }, hasBefore);
  await workbench.run(
    `INSERT INTO ${unsentRows} SELECT row_id FROM ${earlierRows} WHERE baseline_row IS NULL`,
  );
  const [first, ...others] = staged.mapping.identifiers;
  const column = others.length === 0 ? sqlText(first?.column ?? '') : 'NULL';
  await workbench.run(`INSERT INTO ${tables.rejectedRows} SELECT row_id, ${column},
    'identity_repeated', 'has the same key as a later row, which counts' FROM ${earlierRows}`);
  await workbench.run(`INSERT INTO ${outdatedBaselineRows}
    SELECT contested.baseline_row FROM ${contestedRows} AS contested
      JOIN ${tables.scannedRows} AS scanned USING (cells_digest)
      LEFT JOIN ${earlierRows} AS earlier
        ON earlier.row_id = scanned.row_id AND earlier.baseline_row IS NOT NULL
    WHERE scanned.cells_digest IS NOT NULL
    GROUP BY contested.baseline_row HAVING count(earlier.row_id) = count(*)`);
  const outdated = await countRows(workbench, outdatedBaselineRows);
  return { tables: settled, alike: known.count - outdated };
}

export async function findMatches(
  workbench: Workbench,
  { stagedRows, baselineHalves, hashKey }: Tables<'stagedRows' | 'baselineHalves' | 'hashKey'>,
): Promise<Tables<'baselineMatches'>> {
  return makeTables(workbench, {
    baselineMatches: `SELECT row_id, baseline_row
      FROM (SELECT row_id, ${highHalf('key_hash')} AS key_hash_high,
          ${lowHalf('key_hash')} AS key_hash_low
        FROM (SELECT row_id, ${hashKey}(row_key) AS key_hash FROM ${stagedRows}))
        JOIN ${baselineHalves} USING (key_hash_high, key_hash_low)`,
  });
}

/** @param hasTwice whether the source has known rows more than once */
async function findContested(
  workbench: Workbench,
  tables: Tables<'scannedRows' | 'knownBaselineRows' | 'baselineMatches' | 'baselineRows'>,
  hasTwice: boolean,
): Promise<Tables<'contestedRows'>> {
  const { scannedRows, knownBaselineRows, baselineMatches, baselineRows } = tables;
  const matches = await countRows(workbench, baselineMatches);
  if (matches === 0 && !hasTwice) return makeEmpty(workbench, ['contestedRows']);
  const repeated = `SELECT cells_digest FROM ${scannedRows} WHERE cells_digest IS NOT NULL
    GROUP BY cells_digest HAVING count(*) > 1`;
  const twice = `UNION SELECT baseline_row, cells_digest FROM ${knownBaselineRows}
    WHERE cells_digest IN (${repeated})`;
  return makeTables(workbench, {
    contestedRows: `SELECT baseline_row, cells_digest FROM ${baselineRows}
      WHERE baseline_row IN (SELECT baseline_row FROM ${baselineMatches}
        WHERE baseline_row IN (SELECT baseline_row FROM ${knownBaselineRows}))
      ${hasTwice ? twice : ''}`,
  });
}

async function findEarlierRows(
  workbench: Workbench,
  tables: MatchedTables & Tables<'contestedRows' | 'earlierRows'>,
  hasBefore: boolean,
): Promise<void> {
  const { stagedRows, rowNumbers, contestedRows, scannedRows } = tables;
  const { baselineRows, earlierRows, hashKey } = tables;
  const known = `UNION ALL
    SELECT scanned.row_id, contested.baseline_row,
      coalesce(numbers.row_number, scanned.row_id) AS row_number, known.key_hash AS row_key
    FROM ${contestedRows} AS contested JOIN ${scannedRows} AS scanned USING (cells_digest)
      JOIN ${baselineRows} AS known USING (baseline_row)
      LEFT JOIN ${rowNumbers} AS numbers ON numbers.row_id = scanned.row_id`;
  await workbench.run(`INSERT INTO ${earlierRows}
    WITH all_rows AS (
      SELECT staged.row_id, CAST(NULL AS BIGINT) AS baseline_row,
        coalesce(numbers.row_number, staged.row_id) AS row_number,
        ${hasBefore ? `${hashKey}(row_key)` : 'row_key'} AS row_key
      FROM ${stagedRows} AS staged
        LEFT JOIN ${rowNumbers} AS numbers ON numbers.row_id = staged.row_id
      ${hasBefore ? known : ''}),
    last_rows AS (SELECT row_key, max(row_number) AS row_number FROM all_rows
      GROUP BY row_key HAVING count(*) > 1)
    SELECT all_rows.row_id, all_rows.baseline_row
    FROM all_rows JOIN last_rows USING (row_key) WHERE all_rows.row_number < last_rows.row_number`);
}
