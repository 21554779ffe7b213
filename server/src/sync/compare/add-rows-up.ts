/**
 * Decides which rows of an identity dataset are sent. What its rows with one key say adds up, so
 * they are compared and sent together.
 */
import type { Workbench } from '../../sources/workbench.ts';
import { countRows } from '../table/table-rows.ts';
import { makeEmpty, makeTables, makeViews, type Tables } from '../table/tables.ts';
import type { BaselineTables } from './baseline.ts';

/** A query of one row for each key: its last `row_id`, and a digest of all its different rows. */
export function addedUpSql({
  stagedRows,
  digestCells,
}: Tables<'stagedRows' | 'digestCells'>): string {
  return `SELECT max(row_id) AS row_id, row_key,
      ${digestCells}(string_agg(DISTINCT cells, ',' ORDER BY cells), '') AS cells_digest
    FROM (SELECT row_id, row_key, concat(hash1, ' ', hash2) AS cells FROM ${stagedRows})
    GROUP BY row_key`;
}

/** Finds the keys whose rows all say what they said in the last run. */
export async function findUnchangedKeys(
  workbench: Workbench,
  tables: BaselineTables & Tables<'stagedRows' | 'baselineMatches'>,
) {
  const { baselineRows, baselineMatches, hashKey } = tables;
  const { matchedBaselineRows } = await makeTables(workbench, {
    matchedBaselineRows: `SELECT known.baseline_row, known.cells_digest
      FROM (${addedUpSql(tables)}) AS added JOIN ${baselineRows} AS known
        ON known.key_hash = ${hashKey}(added.row_key) AND known.cells_digest = added.cells_digest`,
  });
  const known = await makeViews(workbench, {
    knownBaselineRows: `SELECT baseline_row, cells_digest FROM ${matchedBaselineRows}`,
  });
  const { knownBaselineRows } = known;
  const unsent = await makeTables(workbench, {
    unsentRows: `SELECT row_id FROM ${baselineMatches}
      WHERE baseline_row IN (SELECT baseline_row FROM ${knownBaselineRows})`,
  });
  const outdated = await makeEmpty(workbench, ['outdatedBaselineRows']);
  const alike = await countRows(workbench, knownBaselineRows);
  return { tables: { ...known, ...unsent, ...outdated }, alike };
}
