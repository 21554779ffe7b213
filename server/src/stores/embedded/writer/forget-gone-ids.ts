/** Forgets the ids of contacts that have been gone for 30 days. */
import { tombstoneMs } from '../../limits.ts';
import { GoneIds } from '../contacts/gone-ids.ts';
import { ComponentChange } from './component-change.ts';
import type { WriteSession } from './write-session.ts';

/** @returns whether all are forgotten; if not, call it again */
export function forgetGoneIds(
  session: WriteSession,
  organizationId: number,
  limit: number,
): boolean {
  const ids = new GoneIds(session.environment.gone, organizationId);
  const gone = ids.before(session.nowMs() - tombstoneMs, limit);
  for (const { contactId, atMs, founder } of gone) {
    const version = session.lastVersion;
    const change = new ComponentChange(session, { organizationId, version });
    const node = change.component.node(founder);
    change.component.gather();
    ids.remove({ contactId, atMs });
    change.book.tombstone(node, contactId, undefined);
    change.write();
  }
  return gone.length < limit;
}
