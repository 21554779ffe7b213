/**
 * From rows that count (`settle-repeats.ts`) to what is sent and what is remembered: the parts of
 * the changes, the table `good` of their digests, and the rows of the next baseline.
 */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import { sqlText, type Workbench } from '../../sources/workbench.ts';
import type { PartsFile, RowSet } from '../stage/parts-file.ts';

/**
 * Fills the table `good` (`n`, `r`, `k0`, `m0`, ...): the staged rows that count, as a baseline has
 * them.
 */
export async function listGoodRows(workbench: Workbench, mapping: RowMapping): Promise<void> {
  const { identifiers } = mapping;
  const keyed = identifiers.map(
    ({ identityType }, place) =>
      `g${place}, keyed(${sqlText(`${identityType.id} `)} || g${place}) AS k${place}`,
  );
  const kept = identifiers.map(
    (_, place) => `k${place}, sealed(k${place}, g${place}) AS m${place}`,
  );
  await workbench.beside(({ run }) =>
    run(`CREATE OR REPLACE TABLE good AS SELECT n, r, ${kept.join(', ')}
      FROM (SELECT n, row_digest(h, h2) AS r, ${keyed.join(', ')}
        FROM rows WHERE n NOT IN (SELECT n FROM repeated))`),
  );
}

/**
 * The parts of the rows that count, in the store's own order.
 * @param areNumbered whether each row has its number as one more part
 */
export async function* changedParts(
  workbench: Workbench,
  parts: PartsFile,
  { areNumbered }: { readonly areNumbered: boolean },
): AsyncGenerator<Buffer> {
  yield* parts.sorted({ dropped: await repeatedRows(workbench), areNumbered });
}

/** `undefined`: none is. */
async function repeatedRows(workbench: Workbench): Promise<RowSet | undefined> {
  const [last] = await workbench.rows('SELECT max(n) FROM repeated');
  if (last?.[0] == null) return undefined;
  const isRepeated = new Uint8Array(Number(last[0]) + 1);
  const lines = 'SELECT concat(n, chr(10)) FROM repeated';
  for await (const bytes of workbench.bytes(lines)) {
    for (const line of bytes.toString('latin1').split('\n')) {
      if (line !== '') isRepeated[Number(line)] = 1;
    }
  }
  return { has: (n) => isRepeated[n] === 1 };
}

export interface AppliedRows {
  readonly mapping: RowMapping;
  readonly isRowPerContact: boolean;
  /** Whether what the source no longer names was cleared. */
  readonly isCleared: boolean;
}

/** Rows of a baseline to be written (`baseline.ts`). */
export interface BaselineRows {
  readonly keptSql: string;
  readonly freshSql: string;
  /** They are those of the baseline before. */
  readonly isSame: boolean;
}

/**
 * The rows of the baseline after a run: what was applied now, and what earlier runs applied and
 * still stands. A row of an earlier run stands until its contact is given another one or is
 * cleared; so every contact that the dataset fills has one row.
 */
export async function baselineRows(
  workbench: Workbench,
  { mapping, isRowPerContact, isCleared }: AppliedRows,
): Promise<BaselineRows> {
  const refused = isRowPerContact
    ? 'SELECT n FROM rows WHERE key IN (SELECT claim FROM refused)'
    : 'SELECT n FROM refused';
  const applied = `SELECT n FROM good WHERE n NOT IN (${refused})`;
  const columns = mapping.identifiers.map((_, place) => `k${place}, m${place}`).join(', ');
  await workbench.run(
    isRowPerContact
      ? `CREATE OR REPLACE TABLE evicted AS SELECT b FROM hit WHERE n IN (${applied})
          UNION SELECT b FROM gone WHERE ${isCleared}`
      : // Of rows that only report, those that the source still has are enough.
        'CREATE OR REPLACE TABLE evicted AS SELECT b FROM before WHERE b NOT IN (SELECT b FROM met)',
  );
  const blanked = isRowPerContact ? await blankAged(workbench) : 0;
  const [counts] = await workbench.rows(
    `SELECT (SELECT count(*) FROM (${applied})), (SELECT count(*) FROM evicted)`,
  );
  const isSame = Number(counts?.[0] ?? 0) + Number(counts?.[1] ?? 0) + blanked === 0;
  const fresh = `(SELECT ${isRowPerContact ? '' : 'DISTINCT ON (r) '}r, ${columns} FROM good WHERE n NOT IN (${refused}))`;
  const kept = 'b NOT IN (SELECT b FROM evicted)';
  if (blanked === 0) return { keptSql: kept, freshSql: fresh, isSame };
  return {
    keptSql: `${kept} AND b NOT IN (SELECT b FROM blanked)`,
    freshSql: `${fresh} UNION ALL SELECT NULL, ${columns} FROM before WHERE b IN (SELECT b FROM blanked)`,
    isSame,
  };
}

/**
 * Fills the table `blanked` (`b`): rows of contacts that keep their age stand without what their
 * cells were, so that the next good row of theirs is sent whatever its cells are. @returns how many
 */
async function blankAged(workbench: Workbench): Promise<number> {
  const [aged] = await workbench.rows('SELECT count(*) FROM aged');
  if (Number(aged?.[0] ?? 0) === 0) return 0;
  await workbench.run(`CREATE OR REPLACE TABLE blanked AS SELECT b FROM before
    WHERE r IS NOT NULL AND b NOT IN (SELECT b FROM evicted)
      AND b IN (SELECT b FROM held WHERE k IN (SELECT k FROM aged))`);
  const [count] = await workbench.rows('SELECT count(*) FROM blanked');
  return Number(count?.[0] ?? 0);
}

/** Rows of a baseline that no row of the source stands behind. */
export interface StandIns {
  /** To be put behind `freshSql`. */
  readonly sql: string;
  /** Whether with them the baseline holds every contact that the dataset fills. */
  readonly isComplete: boolean;
}

export const noStandIns: StandIns = { sql: '', isComplete: true };

/**
 * Contacts that the source names by rows which could not be used, and that may have something from
 * earlier: with nothing to compare their cells with, but there to be cleared once nobody names
 * them. With several identifiers nobody could tell that two stand for one contact, so that there
 * are none, and the next run looks at every identity of the store instead.
 */
export async function listStandIns(workbench: Workbench, mapping: RowMapping): Promise<StandIns> {
  const applied = `SELECT key FROM rows WHERE n NOT IN (SELECT n FROM repeated)
    AND key NOT IN (SELECT claim FROM refused)`;
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
