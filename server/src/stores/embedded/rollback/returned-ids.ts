/**
 * Ids of contacts that waited, and came back with their row keys in a run: if a rollback takes the
 * row back, they wait again.
 */
import type { RollbackPlace } from '../../run-lease.ts';
import type { IdentityKey } from '../../store.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import { rollbackKey, rollbackPrefix } from './rollback-entry.ts';

export interface ReturnedId {
  /** The row key that the id belongs to. */
  readonly founder: IdentityKey;
  readonly contactId: Uint8Array;
}

export function returnedKey(place: RollbackPlace, { founder, contactId }: ReturnedId): Buffer {
  return rollbackKey(place, 'waited', founder, { typeId: 0, digest: contactId });
}

/** Since when the id had waited before the run, in milliseconds; `undefined`: it had not. */
export function waitedSince(
  rollback: KeyedDatabase,
  place: RollbackPlace,
  id: ReturnedId,
): number | undefined {
  const noted = rollback.getBinaryFast(returnedKey(place, id)) as Buffer | undefined;
  return noted && Number(noted.readBigUInt64LE(0));
}

/**
 * Forgets up to `limit` of them. Call it once the rows are as before.
 * @returns whether all are gone
 */
export function forgetReturnedIds(
  rollback: KeyedDatabase,
  place: RollbackPlace,
  limit: number,
): boolean {
  const start = rollbackKey(place, 'waited', { typeId: 0, digest: new Uint8Array(16) });
  const end = rollbackPrefix({ ...place, sourceVersion: place.sourceVersion + 1n });
  const keys = [...rollback.getRange({ start, end, limit })].map(({ key }) => Uint8Array.from(key));
  for (const key of keys) rollback.remove(key);
  return keys.length < limit;
}
