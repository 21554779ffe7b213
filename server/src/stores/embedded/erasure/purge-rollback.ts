/**
 * Removes suppressed identities from rollback data: entries of rows that are keyed by one, and what
 * entries of other rows say of one.
 */
import type { IdentityKey } from '../../store.ts';
import { nameOf } from '../contacts/component.ts';
import { asValue, organizationPrefix, rangeUnder } from '../keyed-database.ts';
import { mayComeBack } from '../rollback/may-come-back.ts';
import {
  noteNamed,
  packRollbackEntry,
  readRollbackKey,
  unpackRollbackEntry,
} from '../rollback/rollback-entry.ts';
import { NamedDigests } from '../writer/suppressed-claims.ts';
import type { WriteSession } from '../writer/write-session.ts';
import type { Purged } from './purged.ts';

/** @param after where an earlier call ended */
export function purgeRollback(
  session: WriteSession,
  organizationId: number,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Purged {
  const { rollback } = session.environment;
  const prefix = organizationPrefix(organizationId);
  const start = after === null ? prefix : Buffer.from(after, 'hex');
  const range = { ...rangeUnder(prefix), start, exclusiveStart: after !== null, limit };
  const entries = [...rollback.getRange(range)].map(({ key, value }) => ({
    at: asBuffer(key),
    value: asBuffer(value),
  }));
  const digests = new NamedDigests();
  for (const { at, value } of entries) noteNamed(at, value, digests);
  const names = digests.suppressed(session, organizationId);
  let removed = 0;
  // Copies, since entries are written while others are read.
  const touched = names === undefined ? [] : entries.map(copyOf);
  for (const { at, value } of touched) {
    const isErased = (it: IdentityKey) => names?.has(nameOf(it)) ?? false;
    let isNamed = false;
    noteNamed(at, value, {
      add: (typeId, bytes, start, end) => {
        isNamed ||= isErased({ typeId, digest: bytes.subarray(start, end) });
      },
    });
    if (!isNamed) continue;
    removed += 1;
    purgeEntry(session, organizationId, { at, value, isErased });
  }
  const last = entries.at(-1)?.at.toString('hex') ?? null;
  return { removed, next: entries.length < limit ? null : last };
}

function purgeEntry(
  session: WriteSession,
  organizationId: number,
  {
    at,
    value,
    isErased,
  }: {
    readonly at: Buffer;
    readonly value: Buffer;
    readonly isErased: (identity: IdentityKey) => boolean;
  },
): void {
  const { rollback } = session.environment;
  const key = readRollbackKey(at);
  const entry = key.kind === 'row' ? unpackRollbackEntry(value, value.length) : undefined;
  const keys = [key.identity, entry?.before?.key, key.kind === 'memory' ? key.other : undefined];
  const place = { organizationId, datasetId: at.readUInt16BE(2) };
  const isOthers = !keys.some((it) => it !== undefined && isErased(it));
  if (entry?.before === undefined || !isOthers || !mayComeBack(session, place, key.identity)) {
    rollback.remove(at);
    return;
  }
  const claims = entry.before.claims?.filter((claim) => !isErased(claim));
  const purged = { ...entry, before: { ...entry.before, claims } };
  const length = packRollbackEntry(session.rollbackScratch, purged);
  rollback.put(at, asValue(session.rollbackScratch.bytes, length));
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

function copyOf({ at, value }: { readonly at: Buffer; readonly value: Buffer }) {
  return { at: Buffer.from(at), value: Buffer.from(value) };
}
