/**
 * From rows that count (`settle-repeats.ts`) to what is sent and what is remembered: the queries of the changes, the table `good` of their
 * digests, and the rows of the next snapshot.
 */
import { rowsPerSortedRange } from '../domain/limits.ts';
import type { RowMapping } from '../domain/source-row.ts';
import { sqlText, type Workbench } from '../sources/workbench.ts';

/** Fills the table `good` (`n`, `key`, `r`, `k0`, `m0`, ...): the staged rows that count, as a snapshot has them. */
export async function listGoodRows(workbench: Workbench, mapping: RowMapping): Promise<void> {
  const { identifiers } = mapping;
  const keyed = identifiers.map(
    ({ identityType }, place) =>
      `g${place}, keyed(${sqlText(`${identityType.id} `)} || g${place}) AS k${place}`,
  );
  const kept = identifiers.map(
    (_, place) => `k${place}, sealed(k${place}, g${place}) AS m${place}`,
  );
  await workbench.runBeside(`CREATE OR REPLACE TABLE good AS SELECT n, key, r, ${kept.join(', ')}
    FROM (SELECT n, key, row_digest(h, h2) AS r, ${keyed.join(', ')}
      FROM rows WHERE n NOT IN (SELECT n FROM repeated))`);
}

/**
 * The changed rows' parts, in ranges of the source, each sorted by key: a store is filled several times faster in its own order.
 * @param parts what is read of a row, as SQL
 */
export async function changeQueries(
  workbench: Workbench,
  parts = 'p',
): Promise<readonly { readonly sql: string; readonly rows: number }[]> {
  const [counts] = await workbench.rows(
    'SELECT (SELECT count(*) FROM rows), (SELECT count(*) FROM repeated)',
  );
  const repeated = Number(counts?.[1] ?? 0);
  const total = Number(counts?.[0] ?? 0) - repeated;
  if (total === 0) return [];
  const counting = repeated === 0 ? '' : ' AND n NOT IN (SELECT n FROM repeated)';
  const sql = (range: string) => `SELECT ${parts} FROM rows WHERE ${range}${counting} ORDER BY key`;
  if (total <= rowsPerSortedRange) return [{ sql: sql('true'), rows: total }];
  const bounds = await workbench.rows(`SELECT n FROM (
    SELECT n, row_number() OVER (ORDER BY n) - 1 AS place FROM rows WHERE true${counting})
    WHERE place % ${rowsPerSortedRange} = 0 ORDER BY n`);
  return bounds.map(([from], place) => {
    const to = bounds[place + 1]?.[0];
    const range = `n >= ${from}${to === undefined ? '' : ` AND n < ${to}`}`;
    const rows = to === undefined ? total - place * rowsPerSortedRange : rowsPerSortedRange;
    return { sql: sql(range), rows };
  });
}

export interface AppliedRows {
  readonly mapping: RowMapping;
  readonly isRowPerContact: boolean;
  /** Whether what the source no longer names was cleared. */
  readonly isCleared: boolean;
}

/**
 * The rows of the snapshot after a run: what was applied now, and what earlier runs applied and still stands. A row of an earlier run stands until
 * its contact is given another one or is cleared; so every contact that the dataset fills has one row.
 */
export async function snapshotRows(
  workbench: Workbench,
  { mapping, isRowPerContact, isCleared }: AppliedRows,
): Promise<{
  readonly sql: string /** They are those of the snapshot before. */;
  readonly isSame: boolean;
}> {
  const refused = isRowPerContact ? 'key IN (SELECT claim' : 'n IN (SELECT n';
  const applied = `SELECT n FROM good WHERE NOT (${refused} FROM refused))`;
  const columns = mapping.identifiers.map((_, place) => `k${place}, m${place}`).join(', ');
  await workbench.run(
    isRowPerContact
      ? `CREATE OR REPLACE TABLE evicted AS SELECT b FROM hit WHERE n IN (${applied})
          UNION SELECT b FROM gone WHERE ${isCleared}`
      : // Of rows that only report, those that the source still has are enough.
        'CREATE OR REPLACE TABLE evicted AS SELECT b FROM before WHERE b NOT IN (SELECT b FROM met)',
  );
  const [counts] = await workbench.rows(
    `SELECT (SELECT count(*) FROM (${applied})), (SELECT count(*) FROM evicted)`,
  );
  const isSame = Number(counts?.[0] ?? 0) + Number(counts?.[1] ?? 0) === 0;
  const fresh = `SELECT ${isRowPerContact ? '' : 'DISTINCT ON (r) '}r, ${columns} FROM good WHERE n IN (${applied})`;
  const sql = `SELECT r, ${columns} FROM before WHERE b NOT IN (SELECT b FROM evicted)
    UNION ALL (${fresh})`;
  return { sql, isSame };
}

/** Rows of a snapshot that no row of the source stands behind. */
export interface StandIns {
  /** To be put behind `snapshotRows`. */
  readonly sql: string;
  /** Whether with them the snapshot holds every contact that the dataset fills. */
  readonly isComplete: boolean;
}

export const noStandIns: StandIns = { sql: '', isComplete: true };

/**
 * Contacts that the source names by rows which could not be used, and that may have something from earlier: with nothing to compare their
 * cells with, but there to be cleared once nobody names them. With several identifiers nobody could tell that two stand for one contact, so
 * that there are none, and the next run looks at every identity of the store instead.
 */
export async function listStandIns(workbench: Workbench, mapping: RowMapping): Promise<StandIns> {
  const applied = 'SELECT key FROM good WHERE key NOT IN (SELECT claim FROM refused)';
  await workbench.run(`CREATE OR REPLACE TABLE stand_ins AS SELECT DISTINCT claim, keyed(claim) AS k
    FROM (SELECT claim FROM kept UNION ALL SELECT claim FROM refused
      UNION ALL SELECT claim FROM claims WHERE n IN (SELECT n FROM repeated))
    WHERE claim NOT IN (${applied})
      AND keyed(claim) NOT IN (SELECT k FROM held WHERE b NOT IN (SELECT b FROM evicted))`);
  const [count] = await workbench.rows('SELECT count(*) FROM stand_ins');
  if (Number(count?.[0] ?? 0) === 0) return noStandIns;
  if (mapping.identifiers.length > 1) return { sql: '', isComplete: false };
  const sql = `
    UNION ALL SELECT NULL, k, sealed(k, split_part(claim, ' ', 2)) FROM stand_ins`;
  return { sql, isComplete: true };
}
