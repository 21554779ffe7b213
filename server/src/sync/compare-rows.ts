/**
 * Which staged rows are to be applied: repeated identities aside, and what the last run applied in the same form. Works on the workbench's
 * `rows` (`stage-rows.ts`) and `before` (`snapshot.ts`); leaves the tables `good` and `changes`, and the repeated
 * ones in `rejected`.
 */
import { rowsPerSortedRange } from '../domain/limits.ts';
import type { RowMapping } from '../domain/source-row.ts';
import type { Workbench } from '../sources/workbench.ts';
import { keyLetter } from './stage-rows.ts';

/** Two rows with an identity in common: the later one counts. Of several rows all but the last are rejected. */
export async function rejectRepeated(workbench: Workbench, mapping: RowMapping): Promise<void> {
  const identities = mapping.identifiers
    .map(
      ({ identityType }, place) =>
        `SELECT n, ${place} AS place, '${identityType.id} ' || g${place} AS g FROM rows WHERE g${place} IS NOT NULL`,
    )
    .join(' UNION ALL ');
  await workbench.run(`CREATE OR REPLACE TABLE repeated AS
    WITH identities AS (${identities}),
      lasts AS (SELECT g, max(n) AS n FROM identities GROUP BY g HAVING count(*) > 1)
    SELECT identities.n, min(identities.place) AS place
    FROM identities JOIN lasts USING (g) WHERE identities.n < lasts.n GROUP BY identities.n`);
  const columns = mapping.identifiers.map(
    (_, place) => `WHEN ${place} THEN ${columnText(mapping, place)}`,
  );
  await workbench.run(`INSERT INTO rejected SELECT n, CASE place ${columns.join(' ')} END,
    'identity_repeated', 'is repeated in a later row, which counts' FROM repeated`);
}

/** Fills the table `good` (`n`, `key`, `k`, `h`): the rows that count, with their keyed digests. */
export async function listGoodRows(workbench: Workbench): Promise<void> {
  await workbench.runBeside(`CREATE OR REPLACE TABLE good AS
    SELECT n, key, keyed(key) AS k, h FROM rows WHERE n NOT IN (SELECT n FROM repeated)`);
}

/** Fills the table `changes` (`n`) from `good` and `before`. @returns how many rows the last run applied as they are */
export async function findChanges(workbench: Workbench): Promise<number> {
  await workbench.run(`CREATE OR REPLACE TABLE changes AS
    SELECT good.n FROM good LEFT JOIN before ON good.k = before.k AND good.h = before.h
    WHERE before.k IS NULL`);
  const [counts] = await workbench.rows(
    'SELECT (SELECT count(*) FROM good) - (SELECT count(*) FROM changes)',
  );
  return Number(counts?.[0] ?? 0);
}

/** With nothing to compare with, every row that counts is a change. */
export async function takeAllAsChanges(workbench: Workbench): Promise<void> {
  await workbench.run(`CREATE OR REPLACE TABLE changes AS
    SELECT n FROM rows WHERE n NOT IN (SELECT n FROM repeated)`);
}

/** The changed rows' parts, in ranges of the source, each sorted by key: a store is filled several times faster in its own order. */
export async function changeQueries(
  workbench: Workbench,
): Promise<readonly { readonly sql: string; readonly rows: number }[]> {
  const [counts] = await workbench.rows(
    'SELECT (SELECT count(*) FROM changes), (SELECT count(*) FROM rows)',
  );
  const total = Number(counts?.[0] ?? 0);
  if (total === 0) return [];
  const isAll = total === Number(counts?.[1] ?? 0);
  const bounds = await workbench.rows(`SELECT n FROM (
    SELECT n, row_number() OVER (ORDER BY n) - 1 AS place FROM changes)
    WHERE place % ${rowsPerSortedRange} = 0 ORDER BY n`);
  return bounds.map(([from], place) => {
    const to = bounds[place + 1]?.[0];
    const range = `n >= ${from}${to === undefined ? '' : ` AND n < ${to}`}`;
    const changed = isAll ? '' : ` AND n IN (SELECT n FROM changes WHERE ${range})`;
    const rows = to === undefined ? total - place * rowsPerSortedRange : rowsPerSortedRange;
    return { sql: `SELECT p FROM rows WHERE ${range}${changed} ORDER BY key`, rows };
  });
}

/**
 * The rows of a snapshot: what was applied now, and what earlier runs applied and this one left as it was.
 * @param isCleared whether what the source does not name was cleared
 */
export function snapshotRowsSql(isCleared: boolean): string {
  const left = isCleared ? ' AND k IN (SELECT keyed(key) FROM kept)' : '';
  return `SELECT k, h FROM good WHERE substr(key, 2) NOT IN (SELECT digest FROM refused)
    UNION ALL SELECT k, h FROM before WHERE k NOT IN (SELECT k FROM good)${left}`;
}

function columnText(mapping: RowMapping, place: number): string {
  return `'${(mapping.identifiers[place]?.column ?? keyLetter(place)).replaceAll("'", "''")}'`;
}
