/**
 * Every table, view and macro of a run: its columns, the step that makes it and the steps that read
 * it. A step gets a table's name only from the step that made the table, so that the types enforce
 * the order of the steps. The engine knows the table by the same name in `snake_case`.
 *
 * `row_id` identifies a row of the source (its row number less one, or what `stage/scan-source.ts`
 * gave it), and `baseline_row` a row of the baseline. An identity as text is its type's id, a blank
 * and the 32 hexadecimal digits of its digest. A `row_key` is the identity that is the key of a
 * row, as text; a `key_hash` is its keyed hash. A column with a `#` exists for each identifier of
 * the mapping: `digest0`, `digest1` and so on.
 */
import type { Statements } from '../../sources/workbench.ts';

export const tables = {
  // Rows that cannot be used, and why. Made by stage-rows, bring-reference. Read by
  // rejections-file, measure-source, settle-repeats, same-source, split-staged.
  rejectedRows: 'row_id BIGINT, source_column VARCHAR, code VARCHAR, reason VARCHAR',
  // Identities of rejected rows: the key of each, or all others if the key cannot be read (`is_key`
  // is 0). Made by stage-rows. Read by list-rejected-keys, split-staged.
  rejectedIdentities: 'identity VARCHAR, is_key BIGINT',
  // The source's files and the `row_id` of their first rows; empty for one. Made by
  // rejections-file. Read by refused-claims-file.
  sourceFiles: 'name VARCHAR, start BIGINT',
  // Usable rows: hashes of their cells, and the digests of their identities. Made by stage-rows.
  stagedDigests: 'row_id BIGINT, hash1 UBIGINT, hash2 UBIGINT, digest# VARCHAR',
  // The same rows with their keys, and with their identities as text (`claims`; NULL if they have
  // one identifier). Made by stage-rows. Read by shared-identities, settle-repeats,
  // add-rows-up, compare-rows, find-vanished, keep-ages, measure-joins, rejections-file,
  // refused-claims-file.
  stagedRows:
    'row_id BIGINT, hash1 UBIGINT, hash2 UBIGINT, digest# VARCHAR, row_key VARCHAR, claims VARCHAR',
  // The source's first rows, to see whether a scan pays. Made by scan-source.
  sampledDigests: 'cells_digest UHUGEINT',
  // Every row of the source; `row_id` only where the source tells row numbers. Made by scan-source.
  scannedDigests: 'row_id? BIGINT, hash1 UBIGINT, hash2 UBIGINT, cells_digest UHUGEINT',
  // Every row of a scanned source; unknown ones have no digest. Made by scan-source. Read by
  // settle-repeats.
  scannedRows: 'row_id BIGINT, hash1 UBIGINT, hash2 UBIGINT, cells_digest UHUGEINT',
  // Rows of a scanned source that the baseline does not know. Made by scan-source.
  unknownRows: 'row_id BIGINT, hash1 UBIGINT, hash2 UBIGINT, cells VARCHAR[]',
  // Rows of the baseline that the source still has, found by a join. Made by add-rows-up.
  matchedBaselineRows: 'baseline_row BIGINT, cells_digest UHUGEINT',
  // All other rows of the baseline, where they were found by a join. Made by scan-source. Read by
  // find-vanished.
  lostBaselineRows: 'baseline_row BIGINT',
  // Rows of the baseline that the source still has. Made by scan-source, add-rows-up. Read by
  // settle-repeats, compare-rows, find-vanished, keep-ages.
  knownBaselineRows: 'baseline_row BIGINT, cells_digest UHUGEINT',
  // The source read once more, to number its rows. Made by scan-source.
  rescannedRows: 'hash1 UBIGINT, hash2 UBIGINT',
  // Row numbers, less one, of rows whose `row_id` is another number. Made by scan-source,
  // bring-reference. Read by settle-repeats, rejections-file, refused-claims-file.
  rowNumbers: 'row_id BIGINT, row_number BIGINT',
  // The secrets of the digests of a baseline. Made by baseline.
  baselineSecrets: 'of_rows VARCHAR, of_keys VARCHAR, of_seals VARCHAR, fingerprint VARCHAR',
  // The baseline's rows, each digest as two 64-bit numbers. Made by baseline. Read by scan-source,
  // settle-repeats, same-source.
  baselineHalves:
    'baseline_row BIGINT, cells_digest_high UBIGINT, cells_digest_low UBIGINT, key_type USMALLINT, key_hash_high UBIGINT, key_hash_low UBIGINT, sealed_key_high UBIGINT, sealed_key_low UBIGINT, claims_hash UBIGINT',
  // The baseline's rows; the digest of cells is NULL where cells cannot be compared. Made by
  // baseline. Read by scan-source, settle-repeats, add-rows-up, compare-rows, find-vanished,
  // keep-ages, measure-joins.
  baselineRows:
    'baseline_row BIGINT, cells_digest UHUGEINT, key_type USMALLINT, key_hash UHUGEINT, sealed_key UHUGEINT, claims_hash UBIGINT',
  // A macro: a row's digest, from two hashes. Made by baseline. Read by scan-source, add-rows-up,
  // compare-rows.
  digestCells: 'hash1, hash2',
  // A macro: a keyed hash of a row's key, which finds the row in the baseline. Its lower half also
  // hashes claims. Made by baseline.
  // Read by settle-repeats, add-rows-up, compare-rows, find-vanished, keep-ages, measure-joins.
  hashKey: 'row_key',
  // A macro: a number that hides the digest of the key with this hash. Made by baseline.
  sealOf: 'key_hash',
  // A macro: 128 bits as hexadecimal digits; NULL for NULL. Made by baseline.
  hexOf: 'number',
  // A macro: seals a key's digest (hexadecimal). Made by baseline. Read by compare-rows.
  sealDigest: 'key_hash, digest',
  // A macro: unseals it, which needs the key's hash. Made by baseline. Read by find-vanished.
  unsealDigest: 'key_hash, sealed_key',
  // Keys of rows that the source still has, although they are rejected. Made by list-rejected-keys.
  // Read by find-vanished, compare-rows, keep-ages.
  rejectedKeys: 'row_key VARCHAR',
  // Usable rows and the baseline's rows of the same key. Made by settle-repeats. Read by
  // add-rows-up, find-vanished, measure-joins, compare-rows.
  baselineMatches: 'row_id BIGINT, baseline_row BIGINT',
  // Known rows whose key other rows of the source have as well. Made by settle-repeats.
  contestedRows: 'baseline_row BIGINT, cells_digest UHUGEINT',
  // Rows that do not count, since a later row has the same key. Made by settle-repeats.
  earlierRows: 'row_id BIGINT, baseline_row BIGINT',
  // Known rows that do not count, since a later row has the same key. Made by settle-repeats,
  // add-rows-up. Read by keep-ages.
  outdatedBaselineRows: 'baseline_row BIGINT',
  // Usable rows that are not sent: repeated, or unchanged. Made by settle-repeats, add-rows-up.
  // Read by change-batches, compare-rows, measure-joins, same-source, rejections-file,
  // refused-claims-file.
  unsentRows: 'row_id BIGINT',
  // Rows that are sent, as a baseline has them. Made by compare-rows.
  sentRows:
    'row_id BIGINT, row_key VARCHAR, cells_digest UHUGEINT, key_type USMALLINT, key_hash UHUGEINT, sealed_key UHUGEINT, claims_hash UBIGINT',
  // Rows of the baseline that the next one leaves out. Made by compare-rows.
  replacedBaselineRows: 'baseline_row BIGINT',
  // Rows that the next baseline keeps without the digest of their cells. Made by compare-rows.
  blankedBaselineRows: 'baseline_row BIGINT',
  // Keys that the baseline must hold although their rows are unusable. Made by compare-rows.
  standIns: 'row_key VARCHAR, key_hash UHUGEINT',
  // Rows that the store refused, by their key; of feeds by number too. Made by bring-in. Read by
  // apply-changes, compare-rows, keep-ages, same-source, rejections-file.
  refusedRows: 'row_key VARCHAR, code VARCHAR, row_id BIGINT',
  // Claims that have no effect, by the key of the row. Made by bring-in. Read by report-people,
  // refused-claims-file.
  refusedClaims: 'row_key VARCHAR, type_id INTEGER, code VARCHAR',
  // Usable rows that are not sent, or name the identities that they named in the last run. Made by
  // measure-joins. Read by change-batches.
  unmeasuredRows: 'row_id BIGINT',
  // Rows of the dataset that the source no longer has. `baseline_row` is NULL if the baseline lacks
  // the row. Made by bring-in, find-vanished. Read by compare-rows.
  vanishedRows: 'baseline_row BIGINT, row_key VARCHAR',
  // The identities that name the dataset's rows in the store; a row's key has the place 0. Made by
  // find-vanished.
  storedKeys: 'stored_row BIGINT, place BIGINT, row_key VARCHAR',
  // The identities that name the rows of the source: their keys, or all of them. Made by
  // find-vanished.
  namedKeys: 'key_hash UHUGEINT',
  // Keys of rows that are applied, or found unchanged. Made by keep-ages.
  confirmedKeys: 'key_hash UHUGEINT',
  // Keys of the rows that keep their age, to mark them in the store. Made by keep-ages. Read by
  // bring-in, compare-rows.
  agingKeys: 'row_key VARCHAR, key_hash UHUGEINT',
  // A reference dataset's rows; cells as `c0`, `c1` and so on. Made by bring-reference.
  numberedRows: 'row_id BIGINT, *',
  // Its usable rows under their columns' own names, each key once. Made by bring-reference.
  referenceRows: '*',
} as const;

export type TableName = keyof typeof tables;

declare const made: unique symbol;

/** A table, view or macro that was made; in a template it is its name in SQL. */
export type Table<Name extends TableName> = string & { readonly [made]: Name };

/** Tables that were made; a step takes those that it reads, and returns those that it makes. */
export type Tables<Name extends TableName> = { readonly [One in Name]: Table<One> };

/** Makes tables without rows. */
export async function makeEmpty<Name extends TableName>(
  statements: Statements,
  names: readonly Name[],
  identifiers = 0,
): Promise<Tables<Name>> {
  for (const name of names) {
    const columns = columnsOf(name, identifiers).join(', ');
    await statements.run(`CREATE OR REPLACE TABLE ${sqlName(name)} (${columns})`);
  }
  return handles(names);
}

/** The queries of tables and views, or the expressions of macros, as SQL by name. */
type Definitions<Name extends TableName> = Readonly<Record<Name, string>>;

/** Makes tables of the rows of queries. */
export function makeTables<Name extends TableName>(at: Statements, queries: Definitions<Name>) {
  return make(at, 'TABLE', queries);
}

export function makeViews<Name extends TableName>(at: Statements, queries: Definitions<Name>) {
  return make(at, 'VIEW', queries);
}

export function makeMacros<Name extends TableName>(at: Statements, bodies: Definitions<Name>) {
  return make(at, 'MACRO', bodies);
}

async function make<Name extends TableName>(
  statements: Statements,
  kind: 'TABLE' | 'VIEW' | 'MACRO',
  definitions: Definitions<Name>,
): Promise<Tables<Name>> {
  const names = Object.keys(definitions) as Name[];
  for (const name of names) {
    const called = kind === 'MACRO' ? `${sqlName(name)}(${tables[name]})` : sqlName(name);
    await statements.run(`CREATE OR REPLACE ${kind} ${called} AS ${definitions[name]}`);
  }
  return handles(names);
}

/** A query with a table's columns and no rows. */
export function noRows(name: TableName): string {
  const nulls = columnsOf(name, 0).map((column) => {
    const [called, type] = column.split(' ');
    return `CAST(NULL AS ${type}) AS ${called}`;
  });
  return `SELECT ${nulls.join(', ')} WHERE false`;
}

/** Each column with its type, for as many identifiers. */
export function columnsOf(name: TableName, identifiers: number): string[] {
  const columns = tables[name].split(',').map((column) => column.trim());
  const each = columns.filter((column) => column.includes('#'));
  const numbered = Array.from({ length: identifiers }, (_, at) =>
    each.map((column) => column.replace('#', String(at))),
  ).flat();
  const before = columns.findIndex((column) => column.includes('#'));
  if (before < 0) return columns;
  return [...columns.slice(0, before), ...numbered, ...columns.slice(before + each.length)];
}

export function sqlName(name: TableName): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function handles<Name extends TableName>(names: readonly Name[]): Tables<Name> {
  return Object.fromEntries(names.map((name) => [name, sqlName(name)])) as never;
}
