/**
 * What a dataset's sections reflect, in a file: for each row that was applied a digest of the cells
 * it had (`r`), and for each of its identities a digest (`k0`, `k1`, ...) to find it by and the
 * identity's own digest, sealed (`m0`, `m1`, ...), to clear the contact by when the row is gone. A
 * row whose cells are those of the last time need not be read any further.
 *
 * It holds no personal data: every value in it is made with the data folder's key, without which it
 * leads to nobody and no guess can be tried against it.
 *
 * A baseline counts only for the store it was made with, and only while the store names it as the
 * one that the dataset's sections reflect. Its digests of cells count only under the definition and
 * the engine that they were made with; its identities under every one of the same types. It names
 * the key that it was made with by its fingerprint: with another key it counts for nothing, and
 * everything is read anew.
 */
import { createHmac, hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles, datasetFolder } from '../../domain/data-files.ts';
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import { SourceMalformed } from '../../sources/source-malformed.ts';
import { sqlText, type Workbench } from '../../sources/workbench.ts';
import { makeFolder, putDurably } from '../../stores/durable-file.ts';
import { keyFingerprint, readSecretKey } from './secret-key.ts';

/** Grows when digests of the same rows and identities come out differently. */
const formatVersion = 2;

/**
 * Grows when a rule of normalising changes, so that the same cells may make other values, or when
 * cells are hashed in another way.
 */
const rulesVersion = 3;

export interface BaselineScope {
  readonly dataFolder: string;
  readonly organizationId: number;
  readonly datasetId: number;
  readonly storeId: string;
}

/** A dataset's baseline as the store names it. */
export interface BaselinePlace extends BaselineScope {
  /** `undefined`: none is known. */
  readonly baselineId: string | undefined;
}

/** What the rows of a baseline mean. */
export interface BaselineForm {
  /** Of the mapping's identifiers, in order. */
  readonly identityTypeIds: readonly number[];
  /** All that a row's meaning depends on besides its cells. */
  readonly signature: string;
}

export interface LoadedState {
  readonly id: string;
  readonly rows: number;
  /** Whether rows of the same cells are the same rows. */
  readonly isComparable: boolean;
  /** Whether every contact that the dataset fills is in it. */
  readonly isComplete: boolean;
}

export function formOf(mapping: RowMapping, signature: string): BaselineForm {
  const identityTypeIds = mapping.identifiers.map(({ identityType }) => identityType.id);
  return { identityTypeIds, signature };
}

function baselineFolder(scope: BaselineScope): string {
  const { dataFolder, organizationId, datasetId } = scope;
  return join(dataFolder, datasetFolder(dataFiles.baselines, organizationId, datasetId));
}

/**
 * Makes the functions of `defineDigests`, and the view `before` (`b`, `r`, `k0`, `m0`, ...) of the
 * baseline's rows, which is empty when there is none that counts; `r` is NULL where cells cannot be
 * compared. The table behind it, `halves`, has them as two numbers of 64 bits each (`rh`, `rl`,
 * ...), as the file does: few runs need more of them than `r`.
 */
export async function loadState(
  workbench: Workbench,
  place: BaselinePlace,
  form: BaselineForm,
): Promise<LoadedState | undefined> {
  await defineDigests(workbench, place);
  await makeBefore(workbench, form.identityTypeIds);
  const { baselineId } = place;
  if (baselineId === undefined || !/^[0-9a-f-]{36}$/.test(baselineId)) return undefined;
  const path = join(baselineFolder(place), `${baselineId}.parquet`);
  if (!existsSync(path)) return undefined;
  try {
    return await readBaseline(workbench, path, { id: baselineId, place, form });
  } catch (cause) {
    // A damaged baseline is none: the run brings in everything, which is slow and right.
    if (!(cause instanceof SourceMalformed)) throw cause;
    await workbench.run('DELETE FROM halves');
    return undefined;
  }
}

/**
 * What `loadState` leaves when there is none, without the data folder's key: for a trial, which
 * writes no baseline.
 */
export async function startWithoutBaseline(
  workbench: Workbench,
  identityTypeIds: readonly number[],
): Promise<void> {
  await workbench.run('CREATE OR REPLACE MACRO keyed(claim) AS md5_number(claim)');
  await makeBefore(workbench, identityTypeIds);
}

async function makeBefore(workbench: Workbench, identityTypeIds: readonly number[]): Promise<void> {
  const names = digestNames(identityTypeIds);
  const columns = names.map((name) => `${name}h UBIGINT, ${name}l UBIGINT`);
  await workbench.run(`CREATE OR REPLACE TABLE halves (b BIGINT, ${columns.join(', ')})`);
  const wholes = names.map((name) => `(CAST(${name}h AS UHUGEINT) << 64) | ${name}l AS ${name}`);
  await workbench.run(
    `CREATE OR REPLACE VIEW before AS SELECT b, ${wholes.join(', ')} FROM halves`,
  );
}

/** Of the digests of a baseline's row. */
function digestNames(identityTypeIds: readonly number[]): string[] {
  return ['r', ...identityTypeIds.flatMap((_, at) => [`k${at}`, `m${at}`])];
}

/** A digest as two columns of 64 bits, for which it is named. */
function halvesSql(name: string): string {
  return `CAST(${name} >> 64 AS UBIGINT) AS ${name}h, CAST(${name} & 18446744073709551615 AS UBIGINT) AS ${name}l`;
}

async function readBaseline(
  workbench: Workbench,
  path: string,
  known: { readonly id: string; readonly place: BaselineScope; readonly form: BaselineForm },
): Promise<LoadedState | undefined> {
  const { id, place, form } = known;
  const pairs = await workbench.rows(
    `SELECT decode(key), decode(value) FROM parquet_kv_metadata(${sqlText(path)})`,
  );
  const about = new Map(pairs.map(([key, value]) => [key, value]));
  if (about.get('made_for') !== madeFor(place, form)) return undefined;
  // Made with a key that was lost since, or by a release that did not say: its digests may lead
  // nowhere.
  if (about.get('key') !== (await usedKey(workbench))) return undefined;
  const isComparable = about.get('compares') === comparesWith(form, workbench.engine);
  const columns = digestNames(form.identityTypeIds).map((name) =>
    name === 'r' && !isComparable ? 'NULL, NULL' : `${name}h, ${name}l`,
  );
  await workbench.run(`INSERT INTO halves SELECT file_row_number, ${columns.join(', ')}
    FROM read_parquet(${sqlText(path)}, file_row_number = true)`);
  const [count] = await workbench.rows('SELECT count(*) FROM halves');
  const isComplete = about.get('complete') === 'yes';
  return { id, rows: Number(count?.[0] ?? 0), isComparable, isComplete };
}

/**
 * Writes a baseline, durably, before anything names it: rows of the one before, and rows of a query
 * (`r`, `k0`, `m0`, ...).
 * @throws UsherError `storage_full`
 */
export async function writeBaseline(
  workbench: Workbench,
  scope: BaselineScope,
  written: {
    readonly id: string;
    /** A condition on rows of `halves`. */
    readonly keptSql: string;
    readonly freshSql: string;
    readonly form: BaselineForm;
    readonly isComplete: boolean;
  },
): Promise<void> {
  const { form, keptSql, freshSql, isComplete } = written;
  const folder = baselineFolder(scope);
  await makeFolder(folder);
  const temporary = join(workbench.folder, 'snapshot.parquet');
  const names = digestNames(form.identityTypeIds);
  await workbench.run(`COPY (SELECT ${names.map((name) => `${name}h, ${name}l`).join(', ')} FROM halves WHERE ${keptSql}
      UNION ALL SELECT ${names.map(halvesSql).join(', ')} FROM (${freshSql}))
    TO ${sqlText(temporary)} (FORMAT parquet, COMPRESSION uncompressed, KV_METADATA {
      made_for: ${sqlText(madeFor(scope, form))},
      key: ${sqlText(await usedKey(workbench))},
      compares: ${sqlText(comparesWith(form, workbench.engine))},
      complete: '${isComplete ? 'yes' : 'no'}'})`);
  await putDurably(temporary, join(folder, `${written.id}.parquet`));
}

/** Removes the dataset's other baselines; they can count no more. */
export async function removeOtherBaselines(scope: BaselineScope, keptId: string): Promise<void> {
  const folder = baselineFolder(scope);
  if (!existsSync(folder)) return;
  for (const name of await readdir(folder)) {
    if (name !== `${keptId}.parquet`) await rm(join(folder, name), { force: true });
  }
}

/**
 * Gives the workbench what only this data folder's key makes. `row_digest(a, b)`: of two hashes of
 * a row's cells. `keyed(claim)`: of an identity, written as its type's id, a blank and the 32
 * hexadecimal digits of its digest. `sealed(k, digits)`: those digits, readable with the key alone;
 * `unsealed(k, m)` reads them. MD5 stands for a keyed function of texts of fixed form here; nothing
 * rests on its collisions.
 */
async function defineDigests(workbench: Workbench, scope: BaselineScope): Promise<void> {
  const secret = await readSecretKey(scope.dataFolder);
  const keyFor = (use: string) =>
    createHmac('sha256', secret)
      .update(`${use} ${formatVersion} ${scope.storeId} ${scope.organizationId} ${scope.datasetId}`)
      .digest('hex')
      .slice(0, 32);
  // In a table, not in a statement: statements can be quoted by the engine.
  await workbench.run(
    'CREATE OR REPLACE TABLE secret (of_rows VARCHAR, of_claims VARCHAR, of_seals VARCHAR, key VARCHAR)',
  );
  await workbench.run('INSERT INTO secret VALUES ($1, $2, $3, $4)', [
    keyFor('rows'),
    keyFor('claims'),
    keyFor('seals'),
    keyFingerprint(secret),
  ]);
  const half = (digits: string) => `CAST(CAST('0x' || ${digits} AS UBIGINT) AS UHUGEINT)`;
  for (const macro of [
    `row_digest(a, b) AS md5_number(concat((SELECT of_rows FROM secret), a, ' ', b))`,
    `keyed(claim) AS md5_number((SELECT of_claims FROM secret) || claim)`,
    // As two numbers of 64 bits: the engine takes 90 us to write one of 128.
    `seal_of(k) AS md5_number((SELECT of_seals FROM secret) ||
      concat(CAST(k >> 64 AS UBIGINT), ' ', CAST(k & 18446744073709551615 AS UBIGINT)))`,
    // Of NULL it is NULL, which `concat` would not be.
    `hex_of(x) AS lower(lpad(to_hex(CAST(x >> 64 AS UBIGINT)), 16, '0') ||
      lpad(to_hex(CAST(x & 18446744073709551615 AS UBIGINT)), 16, '0'))`,
    `sealed(k, digits) AS xor(seal_of(k),
      (${half('left(digits, 16)')} << 64) | ${half('right(digits, 16)')})`,
    `unsealed(k, m) AS hex_of(xor(seal_of(k), m))`,
  ]) {
    await workbench.run(`CREATE OR REPLACE MACRO ${macro}`);
  }
}

/** The fingerprint of the key that `defineDigests` found: the file may have changed since. */
async function usedKey(workbench: Workbench): Promise<string> {
  const [row] = await workbench.rows('SELECT key FROM secret');
  return String(row?.[0] ?? '');
}

function madeFor(scope: BaselineScope, form: BaselineForm): string {
  const { storeId, organizationId, datasetId } = scope;
  return [formatVersion, storeId, organizationId, datasetId, ...form.identityTypeIds].join(' ');
}

function comparesWith({ signature }: BaselineForm, engine: string): string {
  return [engine, rulesVersion, hash('sha256', signature)].join(' ');
}
