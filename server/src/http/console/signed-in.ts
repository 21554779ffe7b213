/** Who is signed in with the cookie of a request. A call that nobody caused is no use of it. */
import { findSignedIn, peekSignedIn, type SignedIn } from '../../users/sessions.ts';
import type { ApiContext } from '../api-context.ts';
import type { Browser } from './browser.ts';

export async function signedInOf(
  { users }: Pick<ApiContext, 'users'>,
  { session, isBackground }: Browser,
): Promise<SignedIn | undefined> {
  if (session === undefined) return undefined;
  return isBackground ? peekSignedIn(users, session) : findSignedIn(users, session);
}
