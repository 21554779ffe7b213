/**
 * Every table, view and macro that a run makes in its workbench: its columns, the step that makes
 * it and the steps that read it. A step gets a name only as a handle from the step that made the
 * table, so that the types show the order of the steps. SQL uses the handle, and the engine knows
 * the table by the same name in `snake_case`.
 *
 * In columns, `row_id` identifies a row of the source (its row number less one, or what
 * `stage/scan-source.ts` gave it), and `baseline_row` a row of the baseline. A `claim` is an
 * identity as text: its type's id, a blank and the 32 hexadecimal digits of its digest. A column
 * with a `#` exists for each identifier of the mapping: `digest0`, `digest1` and so on.
 */
import type { Statements } from '../../sources/workbench.ts';

export const tables = {
  /** Rows that cannot be used, and why. */
  rejectedRows: {
    columns: 'row_id BIGINT, source_column VARCHAR, code VARCHAR, reason VARCHAR',
    madeBy: 'stage-rows bring-reference',
    readBy: 'rejections-file measure-rejections require-usable-rows settle-repeats split-staged',
  },
  /** Identities of rejected rows: the source still names these contacts. */
  rejectedClaims: {
    columns: 'claim VARCHAR',
    madeBy: 'stage-rows',
    readBy: 'split-staged list-other-claims clear-vanished compare-rows keep-ages',
  },
  /** The source's files, each with the `row_id` of its first row; empty for one file. */
  sourceFiles: {
    columns: 'name VARCHAR, start BIGINT',
    madeBy: 'rejections-file',
    readBy: '',
  },
  /** Usable rows: hashes of their cells, and the digests of their identities. */
  stagedDigests: {
    columns: 'row_id BIGINT, hash1 UBIGINT, hash2 UBIGINT, digest# VARCHAR',
    madeBy: 'stage-rows',
    readBy: '',
  },
  /** The same with the claim of each row's first identity. */
  stagedRows: {
    columns: 'row_id BIGINT, hash1 UBIGINT, hash2 UBIGINT, digest# VARCHAR, first_claim VARCHAR',
    madeBy: 'stage-rows',
    readBy: 'list-other-claims settle-repeats compare-rows keep-ages rejections-file',
  },
  /** The source's first rows, to see whether a scan pays. */
  sampledDigests: { columns: 'cells_digest UHUGEINT', madeBy: 'scan-source', readBy: '' },
  /** Every row of the source; `row_id` only where the source tells row numbers. */
  scannedDigests: {
    columns: 'row_id? BIGINT, hash1 UBIGINT, hash2 UBIGINT, cells_digest UHUGEINT',
    madeBy: 'scan-source',
    readBy: '',
  },
  /** Every row of a scanned source; the digest is NULL where the baseline does not know the row. */
  scannedRows: {
    columns: 'row_id BIGINT, hash1 UBIGINT, hash2 UBIGINT, cells_digest UHUGEINT',
    madeBy: 'scan-source',
    readBy: 'settle-repeats',
  },
  /** Rows of a scanned source that the baseline does not know: these are staged. */
  unknownRows: {
    columns: 'row_id BIGINT, hash1 UBIGINT, hash2 UBIGINT, cells VARCHAR[]',
    madeBy: 'scan-source',
    readBy: '',
  },
  /** Rows of the baseline that the source still has, by joining. */
  matchedBaselineRows: {
    columns: 'baseline_row BIGINT, cells_digest UHUGEINT',
    madeBy: 'scan-source',
    readBy: '',
  },
  /** Rows of the baseline that the source still has. */
  knownBaselineRows: {
    columns: 'baseline_row BIGINT, cells_digest UHUGEINT',
    madeBy: 'scan-source',
    readBy: 'settle-repeats compare-rows clear-vanished keep-ages',
  },
  /** The source read once more, to number its rows. */
  rescannedRows: { columns: 'hash1 UBIGINT, hash2 UBIGINT', madeBy: 'scan-source', readBy: '' },
  /** Row numbers, less one, of rows whose `row_id` is another number. */
  rowNumbers: {
    columns: 'row_id BIGINT, row_number BIGINT',
    madeBy: 'scan-source bring-reference',
    readBy: 'settle-repeats rejections-file',
  },
  /** The keys of the digests of a baseline. */
  baselineKeys: {
    columns: 'of_rows VARCHAR, of_claims VARCHAR, of_seals VARCHAR, fingerprint VARCHAR',
    madeBy: 'baseline',
    readBy: '',
  },
  /** The baseline's rows as its file has them: each digest as two numbers of 64 bits. */
  baselineHalves: {
    columns: `baseline_row BIGINT, cells_digest_high UBIGINT, cells_digest_low UBIGINT,
      identity_key#_high UBIGINT, identity_key#_low UBIGINT,
      sealed_digest#_high UBIGINT, sealed_digest#_low UBIGINT`,
    madeBy: 'baseline',
    readBy: 'scan-source',
  },
  /** The baseline's rows; the digest of cells is NULL where cells cannot be compared. */
  baselineRows: {
    columns: `baseline_row BIGINT, cells_digest UHUGEINT,
      identity_key# UHUGEINT, sealed_digest# UHUGEINT`,
    madeBy: 'baseline',
    readBy: 'scan-source settle-repeats compare-rows clear-vanished',
  },
  /** A macro: the digest of a row, from two hashes of its cells. */
  digestCells: { columns: 'hash1, hash2', madeBy: 'baseline', readBy: 'scan-source compare-rows' },
  /** A macro: a keyed hash of a claim, to find an identity by in the baseline. */
  keyIdentity: {
    columns: 'claim',
    madeBy: 'baseline',
    readBy: 'settle-repeats compare-rows clear-vanished keep-ages',
  },
  /** A macro: a number that hides the digest of the identity with this key. */
  sealOf: { columns: 'identity_key', madeBy: 'baseline', readBy: '' },
  /** A macro: 128 bits as hexadecimal digits; NULL for NULL. */
  hexOf: { columns: 'number', madeBy: 'baseline', readBy: '' },
  /** A macro: an identity's digest (hexadecimal) that only the key's owner can read back. */
  sealDigest: { columns: 'identity_key, digest', madeBy: 'baseline', readBy: 'compare-rows' },
  /** A macro: reads back what `sealDigest` made. */
  unsealDigest: {
    columns: 'identity_key, sealed_digest',
    madeBy: 'baseline',
    readBy: 'clear-vanished',
  },
  /** Other identities, which only the store knows, of the contacts that usable rows name. */
  claimsFromStore: {
    columns: 'row_id BIGINT, claim VARCHAR',
    madeBy: 'list-other-claims',
    readBy: 'settle-repeats',
  },
  /** Usable rows whose identities belong to different contacts. */
  conflictingRows: {
    columns: 'row_id BIGINT',
    madeBy: 'list-other-claims',
    readBy: 'settle-repeats',
  },
  /** Every identity of every usable row, with those that the store adds. */
  rowClaims: {
    columns: 'row_id BIGINT, claim VARCHAR',
    madeBy: 'settle-repeats',
    readBy: 'clear-vanished compare-rows keep-ages',
  },
  /** Every identity of the baseline's rows. */
  baselineIdentities: {
    columns: 'baseline_row BIGINT, identity_key UHUGEINT',
    madeBy: 'settle-repeats',
    readBy: 'clear-vanished compare-rows keep-ages',
  },
  /** Usable rows with the baseline's rows of the same contact. */
  baselineMatches: {
    columns: 'row_id BIGINT, baseline_row BIGINT',
    madeBy: 'settle-repeats',
    readBy: 'clear-vanished compare-rows',
  },
  /** Known rows of the baseline whose contact has other rows in the source as well. */
  contestedRows: {
    columns: 'baseline_row BIGINT, cells_digest UHUGEINT',
    madeBy: 'settle-repeats',
    readBy: '',
  },
  /** Rows that do not count, since a later row means the same contact. */
  earlierRows: {
    columns: 'row_id BIGINT, baseline_row BIGINT',
    madeBy: 'settle-repeats',
    readBy: '',
  },
  /** Known rows of the baseline that do not count, since a later row means the same contact. */
  outdatedBaselineRows: {
    columns: 'baseline_row BIGINT',
    madeBy: 'settle-repeats',
    readBy: 'keep-ages',
  },
  /** Usable rows that are not sent: repeated, or naming several contacts. */
  unsentRows: {
    columns: 'row_id BIGINT',
    madeBy: 'settle-repeats',
    readBy: 'compare-rows keep-ages rejections-file',
  },
  /** Rows that are sent, as a baseline has them. */
  sentRows: {
    columns: `row_id BIGINT, cells_digest UHUGEINT,
      identity_key# UHUGEINT, sealed_digest# UHUGEINT`,
    madeBy: 'compare-rows',
    readBy: '',
  },
  /** Rows of the baseline that the next one leaves out. */
  replacedBaselineRows: {
    columns: 'baseline_row BIGINT',
    madeBy: 'compare-rows',
    readBy: '',
  },
  /** Rows of the baseline that the next one keeps without the digest of their cells. */
  blankedBaselineRows: { columns: 'baseline_row BIGINT', madeBy: 'compare-rows', readBy: '' },
  /** Contacts that the baseline must name although their rows could not be used. */
  standIns: {
    columns: 'claim VARCHAR, identity_key UHUGEINT',
    madeBy: 'compare-rows',
    readBy: '',
  },
  /** Rows that the store refused, by the claim of their first identity; of feeds by number too. */
  refusedRows: {
    columns: 'claim VARCHAR, code VARCHAR, row_id BIGINT',
    madeBy: 'apply-changes',
    readBy: 'compare-rows keep-ages rejections-file',
  },
  /** Contacts that the source no longer names, by a claim; some by their row of the baseline. */
  vanishedContacts: {
    columns: 'baseline_row BIGINT, claim VARCHAR',
    madeBy: 'clear-vanished',
    readBy: 'compare-rows',
  },
  /** Every identity in the store. */
  storedClaims: { columns: 'claim VARCHAR', madeBy: 'clear-vanished', readBy: '' },
  /** Every identity that the source names. */
  namedIdentities: { columns: 'identity_key UHUGEINT', madeBy: 'clear-vanished', readBy: '' },
  /** Other identities of contacts that look vanished. */
  vanishedOtherClaims: {
    columns: 'claim VARCHAR, other_claim VARCHAR',
    madeBy: 'clear-vanished',
    readBy: '',
  },
  /** Usable rows that were not applied. */
  lostRows: { columns: 'row_id BIGINT', madeBy: 'keep-ages', readBy: '' },
  /** Identities of contacts that another row of the run brings in, or finds unchanged. */
  confirmedIdentities: { columns: 'identity_key UHUGEINT', madeBy: 'keep-ages', readBy: '' },
  /** All identities of contacts that a rejected row names and the dataset fills. */
  rejectedContacts: {
    columns: 'claim VARCHAR, other_claim VARCHAR, is_aging BIGINT',
    madeBy: 'keep-ages',
    readBy: '',
  },
  /** Every identity of the contacts that keep their age. */
  agedIdentities: {
    columns: 'claim VARCHAR, identity_key UHUGEINT',
    madeBy: 'keep-ages',
    readBy: 'compare-rows',
  },
  /** One identity of each of them that the store still has to be told of. */
  agingContacts: { columns: 'claim VARCHAR', madeBy: 'keep-ages', readBy: '' },
  /** The rows of a reference dataset with their numbers; cells as `c0`, `c1` and so on. */
  numberedRows: { columns: 'row_id BIGINT, *', madeBy: 'bring-reference', readBy: '' },
  /** The usable ones under their columns' own names, each key once. */
  referenceRows: { columns: '*', madeBy: 'bring-reference', readBy: '' },
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

/** Makes a table of the rows of a query. */
export async function makeTable<Name extends TableName>(
  statements: Statements,
  name: Name,
  query: string,
): Promise<Tables<Name>> {
  await statements.run(`CREATE OR REPLACE TABLE ${sqlName(name)} AS ${query}`);
  return handles([name]);
}

/** Makes a view; without a query one that has no rows. */
export async function makeView<Name extends TableName>(
  statements: Statements,
  name: Name,
  query?: string,
): Promise<Tables<Name>> {
  const nulls = columnsOf(name, 0).map((column) => {
    const [called, type] = column.split(' ');
    return `CAST(NULL AS ${type}) AS ${called}`;
  });
  const noRows = `SELECT ${nulls.join(', ')} WHERE false`;
  await statements.run(`CREATE OR REPLACE VIEW ${sqlName(name)} AS ${query ?? noRows}`);
  return handles([name]);
}

export async function makeMacro<Name extends TableName>(
  statements: Statements,
  name: Name,
  expression: string,
): Promise<Tables<Name>> {
  const { columns } = tables[name];
  await statements.run(`CREATE OR REPLACE MACRO ${sqlName(name)}(${columns}) AS ${expression}`);
  return handles([name]);
}

/** Each column with its type, for as many identifiers. */
export function columnsOf(name: TableName, identifiers: number): string[] {
  const columns = tables[name].columns.split(',').map((column) => column.trim());
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
