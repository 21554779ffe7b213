/** Reports what a batch did to people, by looking where identities lead at its end. */
import { winnerIdOf } from '../../read-record.ts';
import type { DatasetPlace } from '../../run-lease.ts';
import type { IdentityKey, PeopleReport } from '../../store.ts';
import type { BatchEffects } from '../contacts/batch-effects.ts';
import { indexFlags, isZero } from '../contacts/component.ts';
import { type CountedMoves, LinkWriter } from '../contacts/identity-links.ts';
import type { ChangeOrigin } from './applied-change.ts';
import type { WriteSession } from './write-session.ts';

/** @param keys of each change of the batch the first identity */
export function reportEffects(
  session: WriteSession,
  {
    organizationId,
    datasetId,
    isPush,
  }: Pick<ChangeOrigin, 'organizationId' | 'datasetId' | 'isPush'>,
  effects: BatchEffects,
  keys: readonly (IdentityKey | undefined)[],
): PeopleReport {
  const place = { organizationId, datasetId };
  return effects.report(keys, {
    contactIdAt: (identity) => contactIdAt(session, organizationId, identity),
    joinedInto: (contactId) => joinedInto(session, organizationId, contactId),
    keepMoves: (identity, moves) => putMoves(session, organizationId, identity, moves),
    // What is pushed follows events as they happen: only runs can disagree with each other.
    countMove: (identity) => (isPush ? 0 : countMove(session, place, identity)),
  });
}

function contactIdAt(
  session: WriteSession,
  organizationId: number,
  { typeId, digest }: IdentityKey,
): Uint8Array | undefined {
  const key = session.identityKey(organizationId, typeId, digest);
  const entry = session.environment.id.getBinaryFast(key);
  return entry === undefined || isZero(entry) ? undefined : Uint8Array.from(entry.subarray(0, 16));
}

function joinedInto(
  session: WriteSession,
  organizationId: number,
  contactId: Uint8Array,
): Uint8Array | undefined {
  const record = session.environment.rec.getBinaryFast(
    session.contactKey({ organizationId, contactId }),
  );
  return record && winnerIdOf(record);
}

function countMove(
  session: WriteSession,
  { organizationId, datasetId }: DatasetPlace,
  identity: IdentityKey,
): number {
  const links = new LinkWriter(session.environment.link, organizationId);
  const count = links.movesOf(identity, datasetId) + 1;
  putMoves(session, organizationId, identity, [{ datasetId, count }]);
  return count;
}

/** Marks the identity's entry in the index too. */
function putMoves(
  session: WriteSession,
  organizationId: number,
  identity: IdentityKey,
  moves: readonly CountedMoves[],
): void {
  const { id, link } = session.environment;
  const links = new LinkWriter(link, organizationId);
  for (const counted of moves) links.moves(identity, counted);
  const key = () => session.identityKey(organizationId, identity.typeId, identity.digest);
  const entry = Buffer.from((id.getBinaryFast(key()) as Buffer).subarray(0, 17));
  entry[16] = (entry[16] ?? 0) | indexFlags.isLinked;
  id.put(key(), entry);
}
