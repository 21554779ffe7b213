/**
 * Contacts that a dataset filled and that its newest source no longer names: found by comparing, cleared by their identities. A contact that the
 * source names by any of its identities is not gone.
 */
import { maxRowsPerBatch } from '../domain/limits.ts';
import type { RowMapping } from '../domain/source-row.ts';
import type { Workbench } from '../sources/workbench.ts';
import { recordLayout } from '../stores/contact-codec.ts';
import type { ContactChange, ContactReader, IdentityKey } from '../stores/store.ts';
import { keyLetter } from './stage-rows.ts';

export interface VanishedOptions {
  readonly workbench: Workbench;
  readonly reader: ContactReader;
  readonly organizationId: number;
  readonly mapping: RowMapping;
  /** Whether `before` tells what was there; else every identity of the store is looked at. */
  readonly hasSnapshot: boolean;
}

/** Fills the table `vanished` (`key`) and answers how many there are. */
export async function findVanished(options: VanishedOptions): Promise<number> {
  const { workbench, mapping, reader, organizationId } = options;
  await workbench.run('CREATE OR REPLACE TABLE stored (key VARCHAR)');
  for (const [place, { identityType }] of mapping.identifiers.entries()) {
    if (identityType.id === 0) continue;
    let rows: string[][] = [];
    for await (const { digest } of reader.scanIdentities(organizationId, identityType.id)) {
      rows.push([keyLetter(place) + hexOf(digest)]);
      if (rows.length < maxRowsPerBatch * 10) continue;
      await workbench.append('stored', rows);
      rows = [];
    }
    if (rows.length > 0) await workbench.append('stored', rows);
  }
  const gone = options.hasSnapshot
    ? 'keyed(key) IN (SELECT k FROM before WHERE k NOT IN (SELECT k FROM good))'
    : 'key NOT IN (SELECT key FROM good)';
  await workbench.run(`CREATE OR REPLACE TABLE vanished AS SELECT key FROM stored
    WHERE key NOT IN (SELECT key FROM kept) AND ${gone}`);
  await keepOthersNamed(options);
  const [count] = await workbench.rows('SELECT count(*) FROM vanished');
  return Number(count?.[0] ?? 0);
}

export async function* vanishedChanges({
  workbench,
  mapping,
}: Pick<VanishedOptions, 'workbench' | 'mapping'>): AsyncGenerator<readonly ContactChange[]> {
  let batch: ContactChange[] = [];
  for await (const key of keysOf(workbench)) {
    const typeId = typeIdOf(mapping, key);
    const digest = Buffer.from(key.slice(1), 'hex');
    batch.push({
      kind: 'clear',
      identities: [{ typeId, digest, value: '' }],
      section: new Uint8Array(),
    });
    if (batch.length < maxRowsPerBatch) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Takes those out of `vanished` whose contact the source names by another identity. */
async function keepOthersNamed(options: VanishedOptions): Promise<void> {
  const { workbench, mapping, reader, organizationId } = options;
  await workbench.run('CREATE OR REPLACE TABLE others (key VARCHAR, other VARCHAR)');
  let rows: string[][] = [];
  for await (const key of keysOf(workbench)) {
    const digest = Buffer.from(key.slice(1), 'hex');
    const typeId = typeIdOf(mapping, key);
    for (const other of await otherIdentities(reader, organizationId, { typeId, digest })) {
      for (const [place, { identityType }] of mapping.identifiers.entries()) {
        if (identityType.id === other.typeId)
          rows.push([key, keyLetter(place) + hexOf(other.digest)]);
      }
    }
    if (rows.length < maxRowsPerBatch * 10) continue;
    await workbench.append('others', rows);
    rows = [];
  }
  if (rows.length > 0) await workbench.append('others', rows);
  const named = mapping.identifiers
    .map(
      (_, place) =>
        `SELECT '${keyLetter(place)}' || g${place} AS key FROM rows WHERE g${place} IS NOT NULL`,
    )
    .concat('SELECT key FROM kept')
    .join(' UNION ALL ');
  await workbench.run(`DELETE FROM vanished WHERE key IN (
    SELECT others.key FROM others WHERE other IN (SELECT key FROM (${named})))`);
}

async function otherIdentities(
  reader: ContactReader,
  organizationId: number,
  identity: IdentityKey,
): Promise<readonly IdentityKey[]> {
  const record = await reader.readRecord(organizationId, identity);
  if (record === undefined) return [];
  const at = recordLayout.contactId;
  const contactId = Uint8Array.prototype.slice.call(record.bytes, at, at + 16);
  return reader.listIdentities(organizationId, contactId);
}

async function* keysOf(workbench: Workbench): AsyncGenerator<string> {
  const lines = 'SELECT concat(key, chr(10)) FROM vanished ORDER BY key';
  for await (const bytes of workbench.bytes(lines)) {
    for (const key of bytes.toString('latin1').split('\n')) if (key !== '') yield key;
  }
}

function typeIdOf(mapping: RowMapping, key: string): number {
  return mapping.identifiers[key.charCodeAt(0) - keyLetter(0).charCodeAt(0)]?.identityType.id ?? 0;
}

function hexOf(digest: Uint8Array): string {
  return Buffer.from(digest.buffer, digest.byteOffset, digest.length).toString('hex');
}
