/**
 * Removes suppressed identities from rollback data: entries of rows that are keyed by one, and what
 * entries of other rows say of one.
 */
import type { IdentityKey } from '../../store.ts';
import { nameOf } from '../contacts/component.ts';
import { asValue, rangeUnder } from '../keyed-database.ts';
import { mayComeBack } from '../rollback/may-come-back.ts';
import {
  namedIdentities,
  packRollbackEntry,
  readRollbackKey,
  unpackRollbackEntry,
} from '../rollback/rollback-entry.ts';
import { suppressedAmong } from '../writer/suppressed-claims.ts';
import type { WriteSession } from '../writer/write-session.ts';
import type { Purged } from './purged.ts';

/** @param after where an earlier call ended */
export function purgeRollback(
  session: WriteSession,
  organizationId: number,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Purged {
  const { rollback } = session.environment;
  const prefix = Uint8Array.of(organizationId >>> 8, organizationId);
  const start = after === null ? prefix : Buffer.from(after, 'hex');
  const range = { ...rangeUnder(prefix), start, exclusiveStart: after !== null, limit };
  const entries: { readonly at: Buffer; readonly value: Buffer }[] = [];
  const named: IdentityKey[] = [];
  for (const { key, value } of rollback.getRange(range)) {
    const entry = { at: Buffer.from(key), value: Buffer.from(value) };
    entries.push(entry);
    namedIdentities(entry.at, entry.value, named);
  }
  const names = suppressedAmong(session, organizationId, named);
  let removed = 0;
  for (const { at, value } of names === undefined ? [] : entries) {
    const said: IdentityKey[] = [];
    namedIdentities(at, value, said);
    const isErased = (it: IdentityKey) => names?.has(nameOf(it)) ?? false;
    if (!said.some(isErased)) continue;
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
  const keys = [key.identity, entry?.before?.key, key.kind === 'mark' ? undefined : key.other];
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
