/**
 * The baseline of a dataset: a file that describes the rows which the dataset's part of the store
 * reflects. For each applied row it has a digest of the cells, so that an unchanged row need not be
 * read further. It also has a keyed hash of the row's key, to find the row again, the key's digest
 * in sealed form, to clear the row when it has vanished, and a keyed hash of all its identities, to
 * see whether they changed. All of these are made with the data folder's secret: without it, nobody
 * can find or guess a contact.
 *
 * A baseline is valid only if the store names its id as the applied one, and only with the store,
 * the secret (the file has its fingerprint), the order of keys and the identity rules that it was
 * made for. Without a valid baseline, a run reads and sends every row. To compare cells, the
 * definition and the engine must be the same as well.
 */
import { createHmac, hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { IdentityRules } from '../../domain/contact/identity-rules.ts';
import { dataFiles, datasetFolder } from '../../domain/data-files.ts';
import type { RowMapping } from '../../domain/dataset/source-row.ts';
import { SourceMalformed } from '../../sources/source-failure.ts';
import { sqlText, type Workbench } from '../../sources/workbench.ts';
import { makeFolder, putDurably } from '../../stores/durable-file.ts';
import { keyFingerprint, readSecretKey } from '../../stores/secret-key.ts';
import { addRows } from '../table/table-rows.ts';
import { makeEmpty, makeMacros, makeViews, type Tables } from '../table/tables.ts';

/**
 * Raise it when the same rows and identities would get other digests, or when a baseline of an
 * earlier version may lack rows. Without a baseline, a run reads every row.
 */
const formatVersion = 6;

/**
 * Raise it when a rule of normalisation changes, the way in which cells are hashed, or that in
 * which a reader makes cells of a file's bytes.
 */
const rulesVersion = 4;

export interface BaselinePlace {
  readonly dataFolder: string;
  readonly organizationId: number;
  readonly datasetId: number;
  readonly storeId: string;
  /** What decides which contact a row belongs to. */
  readonly rules: IdentityRules;
  /** `undefined` if no baseline is known. */
  readonly baselineId: string | undefined;
}

/** What the rows of a baseline mean. */
export interface BaselineForm {
  /** Which identity of a row is its key, as text. */
  readonly keyOrder: string;
  /** Everything that a row's meaning depends on besides its cells, as text. */
  readonly signature: string;
}

export interface LoadedBaseline {
  readonly id: string;
  /** Whether rows with the same cells have the same meaning as in this run. */
  readonly isComparable: boolean;
  /** Whether the baseline holds every row of the dataset. */
  readonly isComplete: boolean;
  /** The source that has exactly its rows, if any (`same-source.ts`). */
  readonly source: string;
}

/** @param fieldIds one for each field of the mapping */
export function formOf(
  { identifiers, fields }: RowMapping,
  fieldIds: readonly number[],
): BaselineForm {
  const signature = JSON.stringify([
    identifiers.map(({ column, identityType: { id, blocked } }) => [column, id, blocked]),
    fields.map(({ column, type, options }, place) => [fieldIds[place], column, type, options]),
  ]);
  const types = identifiers.map(({ identityType: { id, isStable } }) => [id, isStable]);
  return { keyOrder: JSON.stringify(types), signature };
}

function baselineFolder(place: BaselinePlace): string {
  const { dataFolder, organizationId, datasetId } = place;
  return join(dataFolder, datasetFolder(dataFiles.baselines, organizationId, datasetId));
}

export type BaselineTables = UnkeyedTables &
  Tables<'baselineSecrets' | 'digestCells' | 'sealDigest' | 'unsealDigest'>;

/** The tables that settling needs. They exist without the data folder's secret too. */
export type UnkeyedTables = Tables<'baselineHalves' | 'baselineRows' | 'hashKey'>;

export interface Baseline {
  readonly place: BaselinePlace;
  readonly form: BaselineForm;
  /** Empty when `loaded` is `undefined`. */
  readonly tables: BaselineTables;
  /** `undefined` if there is no valid baseline. */
  readonly loaded: LoadedBaseline | undefined;
}

/** Loads the dataset's baseline, if there is a valid one. */
export async function loadBaseline(
  workbench: Workbench,
  place: BaselinePlace,
  form: BaselineForm,
): Promise<Baseline> {
  const digests = await defineDigests(workbench, place);
  const tables = { ...digests, ...(await makeRows(workbench)) };
  const { baselineId } = place;
  const none = { place, form, tables, loaded: undefined };
  if (baselineId === undefined || !/^[0-9a-f-]{36}$/.test(baselineId)) return none;
  const path = join(baselineFolder(place), `${baselineId}.parquet`);
  if (!existsSync(path)) return none;
  try {
    return { ...none, loaded: await readBaseline(workbench, none, { id: baselineId, path }) };
  } catch (cause) {
    // The baseline is damaged. Without it the run reads everything, which is slow but correct.
    if (!(cause instanceof SourceMalformed)) throw cause;
    await workbench.run(`DELETE FROM ${tables.baselineHalves}`);
    return none;
  }
}

/** An empty baseline that needs no secret, and cannot be written. */
export async function startWithoutBaseline(workbench: Workbench): Promise<UnkeyedTables> {
  return {
    ...(await makeMacros(workbench, { hashKey: 'md5_number(row_key)' })),
    ...(await makeRows(workbench)),
  };
}

/** The digests of a row with their names in the file, which has two columns of each: `rh`, `rl`. */
const digests = { cells_digest: 'r', key_hash: 'k', sealed_key: 'm' } as const;
const digestNames = Object.keys(digests) as (keyof typeof digests)[];

/**
 * The file has each digest as two halves of 64 bits. A view joins them, because few runs need whole
 * digests other than `cells_digest`.
 */
async function makeRows(workbench: Workbench) {
  const halves = await makeEmpty(workbench, ['baselineHalves']);
  const wholes = digestNames.map(
    (name) => `(CAST(${name}_high AS UHUGEINT) << 64) | ${name}_low AS ${name}`,
  );
  const [cells, ...others] = wholes;
  const baselineRows = `SELECT baseline_row, ${[cells, 'key_type', ...others].join(', ')}, claims_hash
    FROM ${halves.baselineHalves}`;
  return { ...halves, ...(await makeViews(workbench, { baselineRows })) };
}

async function readBaseline(
  workbench: Workbench,
  { place, form, tables }: Baseline,
  { id, path }: { readonly id: string; readonly path: string },
): Promise<LoadedBaseline | undefined> {
  const pairs = await workbench.rows(
    `SELECT decode(key), decode(value) FROM parquet_kv_metadata(${sqlText(path)})`,
  );
  const about = new Map(pairs.map(([key, value]) => [key, value]));
  if (about.get('made_for') !== madeFor(place, form)) return undefined;
  // The digests are useless if they were made with another secret.
  if (about.get('key') !== (await usedSecret(workbench, tables))) return undefined;
  const isComparable = about.get('compares') === comparesWith(form, workbench.engine);
  const cells = isComparable ? 'rh, rl' : 'NULL, NULL';
  await workbench.run(`INSERT INTO ${tables.baselineHalves}
    SELECT file_row_number, ${cells}, t, kh, kl, mh, ml, c
    FROM read_parquet(${sqlText(path)}, file_row_number = true)`);
  const source = String(about.get('source') ?? '');
  return { id, isComparable, isComplete: about.get('complete') === 'yes', source };
}

/**
 * Prepares to write a baseline: one statement is left, which runs while rows are applied.
 * @returns writes the baseline durably, before anything refers to it. Throws UsherError
 *   `storage_full`
 */
export async function prepareBaseline(
  workbench: Workbench,
  { place, form, tables, loaded }: Baseline,
  written: {
    readonly id: string;
    /** The condition for the rows of the old baseline that stay. */
    readonly keptSql: string;
    /** A query of the new rows, with the columns of `baselineRows` but the first. */
    readonly freshSql: string;
    readonly isComplete: boolean;
    /** The source that has exactly these rows, if any (`same-source.ts`). */
    readonly source: string;
  },
): Promise<() => Promise<void>> {
  const { keptSql, freshSql, isComplete, source } = written;
  const folder = baselineFolder(place);
  await makeFolder(folder);
  const temporary = join(workbench.folder, 'snapshot.parquet');
  const halves = (high: (name: string) => string, low: (name: string) => string) =>
    digestNames
      .map((name) => `${high(name)} AS ${digests[name]}h, ${low(name)} AS ${digests[name]}l`)
      .join(', ');
  const kept = halves(
    (name) => `${name}_high`,
    (name) => `${name}_low`,
  );
  const copying = `COPY (
      SELECT key_type AS t, ${kept}, claims_hash AS c
      FROM ${tables.baselineHalves} WHERE ${keptSql}
      UNION ALL SELECT key_type, ${halves(highHalf, lowHalf)}, claims_hash FROM (${freshSql}))
    TO ${sqlText(temporary)} (FORMAT parquet, COMPRESSION uncompressed, KV_METADATA {
      made_for: ${sqlText(madeFor(place, form))},
      key: ${sqlText(await usedSecret(workbench, tables))},
      compares: ${sqlText(comparesWith(form, workbench.engine))},
      complete: '${isComplete ? 'yes' : 'no'}',
      source: ${sqlText(source)}})`;
  // If all rows are new, applying them takes longer than this, and needs the other cores.
  const bounds = loaded === undefined ? { threads: 1 } : {};
  return async () => {
    await workbench.within(bounds, () => workbench.beside(({ run }) => run(copying)));
    await putDurably(temporary, join(folder, `${written.id}.parquet`));
  };
}

/** Removes the dataset's other baselines, which are no longer valid. */
export async function removeOtherBaselines(scope: BaselinePlace, keptId: string): Promise<void> {
  const folder = baselineFolder(scope);
  if (!existsSync(folder)) return;
  for (const name of await readdir(folder)) {
    if (name !== `${keptId}.parquet`) await rm(join(folder, name), { force: true });
  }
}

/**
 * Characters of a secret: 102 bits. With them, each text is one block of MD5, of at most 55 bytes.
 */
const secretLength = 17;

/**
 * Makes the keyed macros. MD5 of texts of fixed form is enough: they need no resistance against
 * collisions.
 */
async function defineDigests(workbench: Workbench, scope: BaselinePlace) {
  const secret = await readSecretKey(scope.dataFolder);
  const secretFor = (use: string) =>
    createHmac('sha256', secret)
      .update(`${use} ${formatVersion} ${scope.storeId} ${scope.organizationId} ${scope.datasetId}`)
      .digest('base64url')
      .slice(0, secretLength);
  // They are in a table and not in the statements, because the engine can quote statements.
  const secrets = await makeEmpty(workbench, ['baselineSecrets']);
  const { baselineSecrets } = secrets;
  const row = [secretFor('rows'), secretFor('keys'), secretFor('seals'), keyFingerprint(secret)];
  await addRows(workbench, baselineSecrets, [row]);
  const { sealOf, hexOf } = await makeMacros(workbench, {
    // As two numbers of 64 bits: the engine takes 90 us to write one of 128.
    sealOf: `md5_number((SELECT of_seals FROM ${baselineSecrets}) ||
      concat(to_hex(${highHalf('key_hash')}), ' ', to_hex(${lowHalf('key_hash')})))`,
    // Unlike `concat`, `||` gives NULL for NULL.
    hexOf: `lower(lpad(to_hex(${highHalf('number')}), 16, '0') ||
      lpad(to_hex(${lowHalf('number')}), 16, '0'))`,
  });
  const half = (digits: string) => `CAST(CAST('0x' || ${digits} AS UBIGINT) AS UHUGEINT)`;
  const macros = await makeMacros(workbench, {
    digestCells: `md5_number(concat((SELECT of_rows FROM ${baselineSecrets}),
      to_hex(hash1), ' ', to_hex(hash2)))`,
    hashKey: `md5_number((SELECT of_keys FROM ${baselineSecrets}) || row_key)`,
    sealDigest: `xor(${sealOf}(key_hash),
      (${half('left(digest, 16)')} << 64) | ${half('right(digest, 16)')})`,
    unsealDigest: `${hexOf}(xor(${sealOf}(key_hash), sealed_key))`,
  });
  return { ...secrets, ...macros };
}

/** A keyed hash of the column `claims`. */
export function claimsHashSql(hashKey: Tables<'hashKey'>['hashKey']): string {
  return lowHalf(`${hashKey}(claims)`);
}

/** The higher 64 bits of a digest. The baseline's rows are found faster by halves of theirs. */
export function highHalf(number: string): string {
  return `CAST(${number} >> 64 AS UBIGINT)`;
}

export function lowHalf(number: string): string {
  return `CAST(${number} & 18446744073709551615 AS UBIGINT)`;
}

/** The fingerprint of the secret that `defineDigests` used; the file may have changed since. */
async function usedSecret(
  workbench: Workbench,
  { baselineSecrets }: BaselineTables,
): Promise<string> {
  const [row] = await workbench.rows(`SELECT fingerprint FROM ${baselineSecrets}`);
  return String(row?.[0] ?? '');
}

function madeFor(scope: BaselinePlace, { keyOrder }: BaselineForm): string {
  const { storeId, organizationId, datasetId, rules } = scope;
  const decided = hash('sha256', JSON.stringify([keyOrder, rules]));
  return [formatVersion, storeId, organizationId, datasetId, decided].join(' ');
}

function comparesWith({ signature }: BaselineForm, engine: string): string {
  return [engine, rulesVersion, hash('sha256', signature)].join(' ');
}
