/**
 * What a dataset's last run applied: for each row a keyed digest of its identity and the hash of its content, so that the next run finds
 * what changed. It holds no personal data: without the key of the data folder its digests lead nowhere.
 *
 * A snapshot counts only for the store, the definition and the engine that it was made with, and only while the store names it as the one that
 * its sections reflect. In every other case there is none, and everything is brought in anew.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsherError } from '../domain/errors.ts';
import { SourceMalformed } from '../sources/source-malformed.ts';
import { sqlText, type Workbench } from '../sources/workbench.ts';

/** Grows when hashes or digests of the same rows come out differently. */
const formatVersion = 1;

export interface SnapshotScope {
  readonly dataFolder: string;
  readonly organizationId: number;
  readonly datasetId: number;
  readonly definitionVersion: number;
  readonly storeId: string;
}

function snapshotFolder(scope: Omit<SnapshotScope, 'definitionVersion' | 'storeId'>): string {
  const { dataFolder, organizationId, datasetId } = scope;
  return join(dataFolder, 'snapshots', String(organizationId), String(datasetId));
}

/**
 * Loads the snapshot into the table `before` (`k`, `h`), which is empty when there is none that counts.
 * @returns whether there is one
 */
export async function loadSnapshot(
  workbench: Workbench,
  scope: SnapshotScope,
  snapshotId: string | undefined,
): Promise<boolean> {
  await workbench.run('CREATE OR REPLACE TABLE before (k BLOB, h UBIGINT)');
  const path = join(snapshotFolder(scope), `${snapshotId}.parquet`);
  if (snapshotId === undefined || !/^[0-9a-f-]{36}$/.test(snapshotId) || !existsSync(path)) {
    return false;
  }
  try {
    const rows = await workbench.rows(
      `SELECT decode(value) FROM parquet_kv_metadata(${sqlText(path)}) WHERE decode(key) = 'made_for'`,
    );
    if (rows[0]?.[0] !== madeFor(scope, workbench.engine)) return false;
    await workbench.run(`INSERT INTO before SELECT k, h FROM read_parquet(${sqlText(path)})`);
    return true;
  } catch (cause) {
    // A damaged snapshot is none: the run brings in everything, which is slow and right.
    if (cause instanceof SourceMalformed) return false;
    throw cause;
  }
}

/**
 * Writes the rows of a query (`k`, `h`) as a snapshot, durably, before anything names it.
 * @throws UsherError `storage_full`
 */
export async function writeSnapshot(
  workbench: Workbench,
  scope: SnapshotScope,
  written: { readonly id: string; readonly rowsSql: string },
): Promise<void> {
  const folder = snapshotFolder(scope);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const temporary = join(workbench.folder, 'snapshot.parquet');
  await workbench.run(`COPY (${written.rowsSql}) TO ${sqlText(temporary)}
    (FORMAT parquet, COMPRESSION uncompressed,
      KV_METADATA {made_for: ${sqlText(madeFor(scope, workbench.engine))}})`);
  const file = await open(temporary, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, join(folder, `${written.id}.parquet`));
  const directory = await open(folder, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Removes the dataset's other snapshots; they can count no more. */
export async function removeOtherSnapshots(scope: SnapshotScope, keptId: string): Promise<void> {
  const folder = snapshotFolder(scope);
  for (const name of await readdir(folder)) {
    if (name !== `${keptId}.parquet`) await rm(join(folder, name), { force: true });
  }
}

/** Gives the workbench the function `keyed(key)`: 16 bytes that only this data folder's key makes of a row's key. */
export async function defineKeyedDigest(workbench: Workbench, scope: SnapshotScope): Promise<void> {
  const secret = await readSecretKey(scope.dataFolder);
  const key = createHmac('sha256', secret)
    .update(`snapshot ${formatVersion} ${scope.storeId} ${scope.organizationId} ${scope.datasetId}`)
    .digest('hex');
  // In a table, not in a statement: statements can be quoted by the engine.
  await workbench.run('CREATE OR REPLACE TABLE secret (key VARCHAR)');
  await workbench.run('INSERT INTO secret VALUES ($1)', [key]);
  await workbench.run(`CREATE OR REPLACE MACRO keyed(text) AS
    unhex(left(sha256(concat((SELECT key FROM secret), text)), 32))`);
}

/** The data folder's key of digests, made when it is not there. */
async function readSecretKey(dataFolder: string): Promise<Buffer> {
  const path = join(dataFolder, 'secret.key');
  try {
    await writeFile(path, randomBytes(32), { flag: 'wx', mode: 0o600, flush: true });
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code === 'ENOSPC') {
      throw new UsherError('storage_full', 'The disk is full: make room, then run it again.', {
        cause,
      });
    }
    if (code !== 'EEXIST') throw cause;
  }
  const key = await readFile(path);
  if (key.length === 32) return key;
  throw new UsherError(
    'store_unavailable',
    'secret.key in the data folder is damaged: it must be 32 bytes.',
  );
}

function madeFor(scope: SnapshotScope, engine: string): string {
  const { storeId, organizationId, datasetId, definitionVersion } = scope;
  return [formatVersion, engine, storeId, organizationId, datasetId, definitionVersion].join(' ');
}
