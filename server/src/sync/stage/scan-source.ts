/**
 * Reads a source once and finds, by a digest of cells, the rows that have not changed since the
 * last applied run. `stage-rows.ts` stages the others. The pass is parallel: if the source gives no
 * row numbers, `row_id` only identifies a row and is not its number.
 */
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import type { SourceRelation } from '../../sources/source.ts';
import type { Statements, Workbench } from '../../sources/workbench.ts';
import { type BaselineTables, highHalf, lowHalf } from '../compare/baseline.ts';
import { typeSampleRows } from '../limits.ts';
import { countRows } from '../table/table-rows.ts';
import { makeEmpty, makeTables, makeViews, noRows, type Tables } from '../table/tables.ts';

/** A source's relation with the columns `hash1` and `hash2` as well. */
export interface HashedRelation extends SourceRelation {
  readonly isHashed: true;
}

export interface ScannedSource {
  readonly tables: Tables<'scannedRows'>;
  readonly rowsRead: number;
  /** How many rows the baseline holds; `changed` has the other rows. */
  readonly knownRows: number;
  readonly changed: HashedRelation;
  /** Whether `row_id` is no row number, so that `numberRows` must find the number. */
  readonly isUnnumbered: boolean;
}

/** Rows of the baseline that the source still has. */
export interface KnownBaselineRows {
  /** With all other rows of the baseline, if these were found instead. */
  readonly tables: Tables<'knownBaselineRows'> & Partial<Tables<'lostBaselineRows'>>;
  readonly count: number;
}

/** Below this share of known rows in the sample, looking for them costs more than it saves. */
const leastKnownShare = 0.5;

/** The tables of a scan, without rows. */
export async function startWithoutScan(workbench: Workbench) {
  const scannedRows = noRows('scannedRows');
  const knownBaselineRows = noRows('knownBaselineRows');
  return {
    ...(await makeViews(workbench, { scannedRows, knownBaselineRows })),
    ...(await makeEmpty(workbench, ['rowNumbers'])),
  };
}

/**
 * `undefined` if few of the first rows are in the baseline.
 * @throws SourceMalformed, UsherError
 */
export async function scanSource(
  workbench: Workbench,
  { baselineRows, baselineHalves, digestCells }: BaselineTables,
  { relation, mapping }: ScannedRelation,
): Promise<ScannedSource | undefined> {
  const digest = `${digestCells}(hash1, hash2) AS cells_digest`;
  const hashed = hashedRows(relation, mapping);
  const { sampledDigests } = await makeTables(workbench, {
    sampledDigests: `SELECT DISTINCT ${digest}
      FROM (SELECT hash1, hash2 FROM ${hashed} LIMIT ${typeSampleRows})`,
  });
  const sampled = await countRows(workbench, sampledDigests);
  // One half is enough to guess, and the baseline has it as it is.
  const isSampled = `cells_digest_high IN
    (SELECT ${highHalf('cells_digest')} FROM ${sampledDigests})`;
  const known = await countRows(workbench, `${baselineHalves} WHERE ${isSampled}`);
  if (known < sampled * leastKnownShare) return undefined;
  const isUnnumbered = relation.rowNumbers === 'position';
  const cells = relation.columns.map((_, cell) => `c${cell}`).join(', ');
  // The engine keeps the baseline in memory and streams the source; a join might do the reverse.
  const isKnown = `cells_digest IN
    (SELECT cells_digest FROM ${baselineRows} WHERE cells_digest IS NOT NULL)`;
  const { scannedDigests } = await makeTables(workbench, {
    scannedDigests: `SELECT ${isUnnumbered ? '' : 'n AS row_id, '}hash1, hash2,
        CASE WHEN is_known THEN cells_digest END AS cells_digest,
        CASE WHEN NOT is_known THEN [${cells}] END AS cells
      FROM (SELECT *, ${isKnown} AS is_known FROM (SELECT *, ${digest} FROM ${hashed}))`,
  });
  const rowId = isUnnumbered ? 'rowid AS row_id' : 'row_id';
  // Unknown rows get a table of their own: filtered from the table of all rows, they would arrive a
  // few at a time.
  const { unknownRows } = await makeTables(workbench, {
    unknownRows: `SELECT ${rowId}, hash1, hash2, cells FROM ${scannedDigests}
      WHERE cells_digest IS NULL`,
  });
  await workbench.run(`ALTER TABLE ${scannedDigests} DROP COLUMN cells`);
  const tables = await makeViews(workbench, {
    scannedRows: `SELECT ${rowId}, hash1, hash2, cells_digest FROM ${scannedDigests}`,
  });
  const rowsRead = await countRows(workbench, scannedDigests);
  const columns = relation.columns.map((_, cell) => `cells[${cell + 1}] AS c${cell}`);
  return {
    tables,
    rowsRead,
    knownRows: rowsRead - (await countRows(workbench, unknownRows)),
    changed: {
      ...relation,
      sql: `(SELECT row_id AS n, hash1, hash2, ${columns.join(', ')} FROM ${unknownRows})`,
      rowNumbers: 'column',
      isHashed: true,
    },
    isUnnumbered,
  };
}

/** The scan of a source that has exactly the rows of the baseline. */
export async function knowAllRows(
  workbench: Workbench,
  { baselineRows, baselineHalves }: BaselineTables,
  { relation }: ScannedRelation,
) {
  const rowsRead = await countRows(workbench, baselineHalves);
  const hashes = 'CAST(NULL AS UBIGINT) AS hash1, CAST(NULL AS UBIGINT) AS hash2';
  const views = await makeViews(workbench, {
    scannedRows: `SELECT baseline_row AS row_id, ${hashes}, cells_digest FROM ${baselineRows}`,
    knownBaselineRows: `SELECT baseline_row, cells_digest FROM ${baselineRows}`,
  });
  const known = { tables: views, count: rowsRead };
  return {
    tables: views,
    ...{ rowsRead, knownRows: rowsRead, isUnnumbered: false },
    changed: { ...relation, isHashed: true as const },
    known: async () => known,
  };
}

/**
 * Finds the baseline's rows that the source still has, by finding the others: they are few. If the
 * sums of digests are equal, the source has each row once, and no join is needed. (They are equal
 * by chance once in 2^128.)
 */
export async function findKnownBaselineRows(
  statements: Statements,
  { baselineRows, baselineHalves, scannedRows }: BaselineTables & Tables<'scannedRows'>,
): Promise<KnownBaselineRows> {
  const scannedHalves = `(SELECT ${highHalf('cells_digest')} AS cells_digest_high,
      ${lowHalf('cells_digest')} AS cells_digest_low
    FROM ${scannedRows} WHERE cells_digest IS NOT NULL)`;
  const comparable = `${baselineHalves} WHERE cells_digest_high IS NOT NULL`;
  const total = await countRows(statements, comparable);
  const isEach =
    total === (await countRows(statements, `${scannedRows} WHERE cells_digest IS NOT NULL`)) &&
    (await sumsOf(statements, comparable)) === (await sumsOf(statements, scannedHalves));
  const query = `SELECT baseline_row, cells_digest FROM ${baselineRows}`;
  if (isEach) {
    const knownBaselineRows = `${query} WHERE cells_digest IS NOT NULL`;
    return { tables: await makeViews(statements, { knownBaselineRows }), count: total };
  }
  const lost = await makeTables(statements, {
    lostBaselineRows: `SELECT baseline_row FROM ${baselineHalves}
      ANTI JOIN ${scannedHalves} USING (cells_digest_high, cells_digest_low)`,
  });
  const { lostBaselineRows } = lost;
  const known = await makeViews(statements, {
    knownBaselineRows: `${query} WHERE baseline_row NOT IN
      (SELECT baseline_row FROM ${lostBaselineRows})`,
  });
  const all = await countRows(statements, baselineHalves);
  const count = all - (await countRows(statements, lostBaselineRows));
  return { tables: { ...known, ...lost }, count };
}

/** The sums of the halves of digests, as text. */
async function sumsOf(statements: Statements, from: string): Promise<string> {
  const [sums] = await statements.rows(
    `SELECT concat(sum(cells_digest_high), ' ', sum(cells_digest_low)) FROM ${from}`,
  );
  return String(sums?.[0]);
}

export interface ScannedRelation {
  readonly relation: SourceRelation;
  readonly mapping: RowMapping;
}

/**
 * Numbers unknown rows, and known rows that match a condition. It needs one more pass, but is
 * rarely called.
 */
export async function numberRows(
  workbench: Workbench,
  { scannedRows }: Tables<'scannedRows'>,
  { relation, mapping, knownRows }: ScannedRelation & { readonly knownRows: string },
): Promise<void> {
  const { rescannedRows } = await makeTables(workbench, {
    rescannedRows: `SELECT hash1, hash2 FROM ${hashedRows(relation, mapping)}`,
  });
  // Rows with equal cells are interchangeable: the first of them gets the first number, and so on.
  const nth = (id: string) => `row_number() OVER (PARTITION BY hash1, hash2 ORDER BY ${id}) AS nth`;
  await makeTables(workbench, {
    rowNumbers: `WITH asked AS (SELECT row_id, hash1, hash2, ${nth('row_id')}
        FROM ${scannedRows} WHERE cells_digest IS NULL OR ${knownRows}),
      numbered AS (SELECT rowid AS row_number, hash1, hash2, ${nth('rowid')}
        FROM ${rescannedRows} WHERE (hash1, hash2) IN (SELECT hash1, hash2 FROM asked))
    SELECT row_id, row_number FROM asked JOIN numbered USING (hash1, hash2, nth)`,
  });
  await workbench.run(`DROP TABLE ${rescannedRows}`);
}

/**
 * A relation with two 64-bit hashes of cells, each of half of the fields and all identities:
 * hashing is a good part of the cost. A changed row looks unchanged once in 2^64. A missing and an
 * empty value differ. Cells come in the mapping's order, so a source may reorder its columns.
 */
export function hashedRows(relation: SourceRelation, mapping: RowMapping): string {
  if ('isHashed' in relation) return relation.sql;
  const identities = new Set(mapping.identifiers.map(({ cell }) => cell));
  const others = [...new Set(mapping.fields.map(({ cell }) => cell))].filter(
    (cell) => !identities.has(cell),
  );
  const half = Math.ceil(others.length / 2);
  const hashOf = (seed: number, cells: readonly number[]) => {
    const columns = [...identities, ...cells].map((cell) => `c${cell}`);
    return `hash(${[`CAST(${seed} AS UBIGINT)`, ...columns].join(', ')})`;
  };
  return `(SELECT *, ${hashOf(1, others.slice(0, half))} AS hash1,
      ${hashOf(2, others.slice(half))} AS hash2
    FROM ${relation.sql})`;
}
