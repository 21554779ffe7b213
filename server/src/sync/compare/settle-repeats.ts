/**
 * Which of a source's rows count: of several that mean one contact only the last. Staged rows meet
 * here the rows that the scan knew (`scan-source.ts`), of which nothing but the baseline's digests
 * is there.
 *
 * Works on `rows` and `kept` (`stage-rows.ts`), `others` and `conflicted` (`list-other-claims.ts`),
 * `scanned`, `met` and `before`; leaves the view `claims` and the tables `hit` (`n`, `b`: a staged
 * row means the contact of a baseline's row), `repeated` (staged rows that are not sent), `beaten`
 * (`b`: known rows that do not count), and the rows that do not count in `rejected`.
 */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import { sqlText, type Workbench } from '../../sources/workbench.ts';

export interface SettleOptions {
  readonly mapping: RowMapping;
  readonly hasBefore: boolean;
  /** Rows of the source that the baseline holds. */
  readonly knownRows: number;
  /** When the view `met` is there: how many rows it has. */
  readonly met: Promise<number>;
  /**
   * Tells the numbers of the rows that `scanned` does not know and of known ones that a condition
   * names.
   */
  readonly numberRows: (condition: string) => Promise<void>;
}

/** @returns how many rows are as the last run applied them, and count */
export async function settleRepeats(workbench: Workbench, options: SettleOptions): Promise<number> {
  const { mapping, hasBefore, knownRows } = options;
  await workbench.run(`CREATE OR REPLACE VIEW claims AS ${claimsSql(mapping)}
    UNION ALL SELECT n, claim FROM others`);
  await workbench.run(`INSERT INTO rejected SELECT n, NULL, 'identity_conflict',
    'its identities belong to different contacts' FROM conflicted`);
  const met = await options.met;
  await workbench.run('CREATE OR REPLACE TABLE contested (b BIGINT, r UHUGEINT)');
  await workbench.run(`CREATE OR REPLACE VIEW held AS ${heldSql(mapping)}`);
  await workbench.run('CREATE OR REPLACE TABLE hit (n BIGINT, b BIGINT)');
  const hits = hasBefore ? await findHits(workbench) : 0;
  if (hasBefore) await findContested(workbench, { hits, hasTwice: met < knownRows });
  const [found] = await workbench.rows(`SELECT
    (SELECT count(*) FROM (SELECT hash(claim) AS h FROM claims GROUP BY h HAVING count(*) > 1)),
    (SELECT count(*) FROM contested), (SELECT count(*) FROM rejected)`);
  const [shared, contested, rejected] = (found ?? []).map(Number);
  const isSettled = shared === 0 && contested === 0;
  if (!isSettled || (rejected ?? 0) > 0) {
    await options.numberRows('r IN (SELECT r FROM contested)');
  }
  await workbench.run('CREATE OR REPLACE TABLE losers (n BIGINT, b BIGINT)');
  await workbench.run('CREATE OR REPLACE TABLE beaten (b BIGINT)');
  await workbench.run('CREATE OR REPLACE TABLE repeated AS SELECT n FROM conflicted');
  if (isSettled) return knownRows;
  await findLosers(workbench, hasBefore);
  await rejectLosers(workbench, mapping);
  await workbench.run(`INSERT INTO beaten
    SELECT contested.b FROM contested JOIN scanned USING (r)
      LEFT JOIN losers ON losers.n = scanned.n AND losers.b IS NOT NULL
    WHERE scanned.r IS NOT NULL GROUP BY contested.b HAVING count(losers.n) = count(*)`);
  const [beaten] = await workbench.rows('SELECT count(*) FROM beaten');
  return met - Number(beaten?.[0] ?? 0);
}

/** Where rows of one contact are many, all of them count. @returns how many the last run applied */
export async function settleAll(workbench: Workbench, options: SettleOptions): Promise<number> {
  await workbench.run('CREATE OR REPLACE TABLE repeated (n BIGINT)');
  await workbench.run('CREATE OR REPLACE TABLE hit (n BIGINT, b BIGINT)');
  await options.met;
  const [rejected] = await workbench.rows('SELECT count(*) FROM rejected');
  if (Number(rejected?.[0] ?? 0) > 0) await options.numberRows('false');
  return options.knownRows;
}

/** Every identity of the baseline's rows: `b`, `k`. */
function heldSql(mapping: RowMapping): string {
  return mapping.identifiers
    .map((_, place) => `SELECT b, k${place} AS k FROM before WHERE k${place} IS NOT NULL`)
    .join(' UNION ALL ');
}

function claimsSql(mapping: RowMapping): string {
  return mapping.identifiers
    .map(
      ({ identityType }, place) =>
        `SELECT n, ${sqlText(`${identityType.id} `)} || g${place} AS claim FROM rows WHERE g${place} IS NOT NULL`,
    )
    .join(' UNION ALL ');
}

/**
 * Makes the table `hit`, from the baseline's rows as they are in `before`. @returns how many rows
 * hit one
 */
export async function findHits(workbench: Workbench): Promise<number> {
  await workbench.run(`CREATE OR REPLACE TABLE hit AS SELECT DISTINCT n, b
    FROM (SELECT n, keyed(claim) AS k FROM claims) JOIN held USING (k)`);
  const [hits] = await workbench.rows('SELECT count(*) FROM hit');
  return Number(hits?.[0] ?? 0);
}

async function findContested(
  workbench: Workbench,
  options: {
    readonly hits: number;
    /** Whether the source has known rows more than once. */
    readonly hasTwice: boolean;
  },
): Promise<void> {
  const { hits, hasTwice } = options;
  if (hits === 0 && !hasTwice) return;
  await workbench.run(`INSERT INTO contested SELECT b, r FROM met
    WHERE b IN (SELECT b FROM hit) OR r IN (
      SELECT r FROM scanned WHERE r IS NOT NULL GROUP BY r HAVING ${hasTwice} AND count(*) > 1)`);
}

async function findLosers(workbench: Workbench, hasBefore: boolean): Promise<void> {
  const known = `UNION ALL
    SELECT scanned.n, contested.b, coalesce(numbers.row, scanned.n) AS row, held.k AS claim
    FROM contested JOIN scanned USING (r) JOIN held USING (b)
      LEFT JOIN numbers ON numbers.n = scanned.n`;
  await workbench.run(`INSERT INTO losers
    WITH entrants AS (
      SELECT claims.n, CAST(NULL AS BIGINT) AS b, coalesce(numbers.row, claims.n) AS row,
        ${hasBefore ? 'keyed(claim)' : 'claim'} AS claim
      FROM claims LEFT JOIN numbers ON numbers.n = claims.n ${hasBefore ? known : ''}),
    lasts AS (SELECT claim, max(row) AS row FROM entrants GROUP BY claim HAVING count(*) > 1)
    SELECT DISTINCT entrants.n, entrants.b
    FROM entrants JOIN lasts USING (claim) WHERE entrants.row < lasts.row`);
}

async function rejectLosers(workbench: Workbench, mapping: RowMapping): Promise<void> {
  // Those that mean several contacts are named already.
  await workbench.run('DELETE FROM losers WHERE n IN (SELECT n FROM conflicted)');
  await workbench.run('INSERT INTO repeated SELECT n FROM losers WHERE b IS NULL');
  // Of several identifiers, those by which two rows meet may be written in neither: no column is to
  // be named then.
  const [first, ...others] = mapping.identifiers;
  const place = others.length === 0 ? sqlText(first?.column ?? '') : 'NULL';
  await workbench.run(`INSERT INTO rejected SELECT n, ${place}, 'identity_repeated',
    'means the contact of a later row' FROM losers`);
}
