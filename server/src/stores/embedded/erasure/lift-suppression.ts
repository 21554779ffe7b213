/** Lifts the suppression of an identity: rows may name it again. */
import type { IdentityKey } from '../../store.ts';
import { forgetBaselines } from '../writer/forget-baselines.ts';
import { identityScope } from '../writer/suppressed-claims.ts';
import type { WriteSession } from '../writer/write-session.ts';

/**
 * The next run of every dataset of the organization reads everything then, since the rows that were
 * refused have not changed. It does so also if the identity is not suppressed: an earlier call may
 * have been killed when the list had it already, and the store not.
 * @returns `false`: the identity is not suppressed
 */
export function liftSuppression(
  session: WriteSession,
  organizationId: number,
  { typeId, digest }: IdentityKey,
): boolean {
  const scope = identityScope(session, organizationId, typeId);
  forgetBaselines(session.environment.meta, organizationId);
  const isLifted = session.lists.require().lift(scope, digest, session.nowMs());
  session.lists.note();
  return isLifted;
}
