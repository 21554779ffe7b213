/**
 * One pass over a source that sorts out the rows that the last run applied as they are: they are
 * told by their cells alone, and nothing of them is normalised. What is left is a source of its
 * own, for `stage-rows.ts`.
 *
 * Leaves the view `scanned`: `h` and `h2` (hashes of the cells that the mapping uses), `r`
 * (`baseline.ts`; NULL where the baseline does not know the row) and `n`, by which a row is meant
 * from here on; and the table `unknown` with the cells of the rows that the baseline does not know.
 * The pass is parallel and gives rows in no order, so that `n` is no row number; the table
 * `numbers` (`n`, `row`) tells those that are asked for.
 */

import type { RowMapping } from '../../domain/dataset/source-row.ts';
import type { SourceRelation } from '../../sources/source.ts';
import type { Statements, Workbench } from '../../sources/workbench.ts';
import { typeSampleRows } from '../limits.ts';

/** A source's relation with the columns `h` and `h2` besides. */
export interface HashedRelation extends SourceRelation {
  readonly isHashed: true;
}

export interface ScannedSource {
  readonly rowsRead: number;
  /** Rows that the baseline holds. */
  readonly knownRows: number;
  /** The others. */
  readonly changed: HashedRelation;
  /** Whether `n` is no row number until `numberRows` told it. */
  readonly isUnnumbered: boolean;
}

/**
 * Below this share of known rows at the beginning of a source, looking for them costs more than it
 * saves.
 */
const leastKnownShare = 0.5;

/** What a scan leaves, empty. */
export async function startWithoutScan(workbench: Workbench): Promise<void> {
  await workbench.run(
    'CREATE OR REPLACE TABLE found (n BIGINT, h UBIGINT, h2 UBIGINT, r UHUGEINT)',
  );
  await workbench.run('CREATE OR REPLACE VIEW scanned AS SELECT n, h, h2, r FROM found');
  await workbench.run(
    'CREATE OR REPLACE VIEW met AS SELECT CAST(NULL AS BIGINT) AS b, CAST(NULL AS UHUGEINT) AS r WHERE false',
  );
  await workbench.run('CREATE OR REPLACE TABLE numbers (n BIGINT, row BIGINT)');
}

/**
 * @returns `undefined` where too few of the source's first rows are in the baseline
 * @throws SourceMalformed, UsherError
 */
export async function scanSource(
  workbench: Workbench,
  relation: SourceRelation,
  mapping: RowMapping,
): Promise<ScannedSource | undefined> {
  await workbench.run(`CREATE OR REPLACE TABLE sampled AS SELECT DISTINCT row_digest(h, h2) AS r
    FROM (SELECT h, h2 FROM ${hashedRows(relation, mapping)} LIMIT ${typeSampleRows})`);
  const [first] = await workbench.rows(`SELECT (SELECT count(*) FROM sampled),
    (SELECT count(*) FROM before WHERE r IN (SELECT r FROM sampled))`);
  if (Number(first?.[1] ?? 0) < Number(first?.[0] ?? 0) * leastKnownShare) return undefined;
  const isUnnumbered = relation.rowNumbers === 'position';
  const cells = relation.columns.map((_, place) => `c${place}`).join(', ');
  // The engine reads the baseline's digests into memory and the source past them; a join might do
  // it the other way round.
  const known = 'r IN (SELECT r FROM before WHERE r IS NOT NULL)';
  await workbench.run(`CREATE OR REPLACE TABLE found AS
    SELECT ${isUnnumbered ? '' : 'n, '}h, h2, CASE WHEN known THEN r END AS r, CASE WHEN NOT known THEN [${cells}] END AS cells
    FROM (SELECT *, ${known} AS known
      FROM (SELECT *, row_digest(h, h2) AS r FROM ${hashedRows(relation, mapping)}))`);
  const number = isUnnumbered ? 'rowid AS n' : 'n';
  // Few rows far apart would be worked on a few at a time.
  await workbench.run(`CREATE OR REPLACE TABLE unknown AS
    SELECT ${number}, h, h2, cells FROM found WHERE r IS NULL`);
  await workbench.run('ALTER TABLE found DROP COLUMN cells');
  await workbench.run(`CREATE OR REPLACE VIEW scanned AS
    SELECT ${number}, h, h2, r FROM found`);
  const [counts] = await workbench.rows('SELECT count(*), count(r) FROM found');
  const rowsRead = Number(counts?.[0] ?? 0);
  const columns = relation.columns.map((_, place) => `cells[${place + 1}] AS c${place}`);
  return {
    rowsRead,
    knownRows: Number(counts?.[1] ?? 0),
    changed: {
      ...relation,
      sql: `(SELECT n, h, h2, ${columns.join(', ')} FROM unknown)`,
      rowNumbers: 'column',
      isHashed: true,
    },
    isUnnumbered,
  };
}

/**
 * Makes the view `met`: of the baseline's rows those whose cells are in the source. Where these are
 * all, each once, the sums of the digests say so, but for one time in 2^128, and nothing needs to
 * be joined. @returns how many
 */
export async function findMet(statements: Statements): Promise<number> {
  const half = '18446744073709551615';
  const [sums] = await statements.rows(`SELECT a = b, a.n FROM
    (SELECT count(*) AS n, sum(rh) AS high, sum(rl) AS low FROM halves WHERE rh IS NOT NULL) AS a,
    (SELECT count(*) AS n, sum(CAST(r >> 64 AS UBIGINT)) AS high, sum(CAST(r & ${half} AS UBIGINT)) AS low
      FROM scanned WHERE r IS NOT NULL) AS b`);
  if (sums?.[0] === true) {
    await statements.run(
      'CREATE OR REPLACE VIEW met AS SELECT b, r FROM before WHERE r IS NOT NULL',
    );
    return Number(sums[1]);
  }
  await statements.run(`CREATE OR REPLACE TABLE matched AS
    SELECT b, r FROM before WHERE r IN (SELECT r FROM scanned WHERE r IS NOT NULL)`);
  await statements.run('CREATE OR REPLACE VIEW met AS SELECT b, r FROM matched');
  const [count] = await statements.rows('SELECT count(*) FROM matched');
  return Number(count?.[0] ?? 0);
}

/**
 * Tells the row numbers (less one) of the rows that the baseline does not know and of those known
 * ones that a condition names: one more pass over the source, which few runs need.
 */
export async function numberRows(
  workbench: Workbench,
  { relation, mapping }: { readonly relation: SourceRelation; readonly mapping: RowMapping },
  knownRows: string,
): Promise<void> {
  await workbench.run(`CREATE OR REPLACE TABLE places AS
    SELECT h, h2 FROM ${hashedRows(relation, mapping)}`);
  // Rows of the same cells are as good as each other: the first of them is given the first of their
  // places.
  await workbench.run(`CREATE OR REPLACE TABLE numbers AS
    WITH asked AS (SELECT n, h, h2, row_number() OVER (PARTITION BY h, h2 ORDER BY n) AS i
        FROM scanned WHERE r IS NULL OR ${knownRows}),
      placed AS (SELECT rowid AS row, h, h2, row_number() OVER (PARTITION BY h, h2 ORDER BY rowid) AS i
        FROM places WHERE (h, h2) IN (SELECT h, h2 FROM asked))
    SELECT n, row FROM asked JOIN placed USING (h, h2, i)`);
  await workbench.run('DROP TABLE places');
}

/**
 * A relation with `h` and `h2`: hashes of 64 bits of the cells that the mapping uses, each of half
 * of them and of all identities. A row is taken for one that it is not only where a half that
 * differs hashes alike, which among rows of the same identities happens once in 2^64; each cell is
 * hashed once, which is a good part of what comparing costs. No value and an empty one differ; the
 * order of the source's columns is the mapping's, so that it may change.
 */
export function hashedRows(relation: SourceRelation, mapping: RowMapping): string {
  if ('isHashed' in relation) return relation.sql;
  const identities = new Set(mapping.identifiers.map(({ cell }) => cell));
  const others = [...new Set(mapping.fields.map(({ cell }) => cell))].filter(
    (cell) => !identities.has(cell),
  );
  const half = Math.ceil(others.length / 2);
  const hashOf = (seed: number, cells: readonly number[]) =>
    `hash(${[`CAST(${seed} AS UBIGINT)`, ...[...identities, ...cells].map((cell) => `c${cell}`)].join(', ')})`;
  return `(SELECT *, ${hashOf(1, others.slice(0, half))} AS h, ${hashOf(2, others.slice(half))} AS h2
    FROM ${relation.sql})`;
}
