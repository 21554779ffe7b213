/** How often runs moved an identity: a rollback takes back what its run counted. */
import type { RollbackPlace } from '../../run-lease.ts';
import { putMoves } from '../writer/report-effects.ts';
import type { WriteSession } from '../writer/write-session.ts';
import { readRollbackKey, rollbackKey } from './rollback-entry.ts';

/**
 * Takes the moves of up to `limit` identities back. Call it once their rows are as before.
 * @returns whether all were looked at
 */
export function takeMovesBack(session: WriteSession, place: RollbackPlace, limit: number): boolean {
  const { rollback } = session.environment;
  const start = rollbackKey(place, 'moves', { typeId: 0, digest: new Uint8Array(16) });
  const end = rollbackKey(place, 'waited', { typeId: 0, digest: new Uint8Array(16) });
  const entries = [...rollback.getRange({ start, end, limit })].map(({ key, value }) => ({
    at: Uint8Array.from(key),
    count: Number(Buffer.from(value).readBigUInt64LE(0)),
  }));
  for (const { at, count } of entries) {
    const { identity, other } = readRollbackKey(at);
    const datasetId = other?.typeId ?? place.datasetId;
    putMoves(session, place.organizationId, identity, [{ datasetId, count }]);
    rollback.remove(at);
  }
  return entries.length < limit;
}
