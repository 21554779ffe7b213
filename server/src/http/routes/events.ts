/** Sends events: changes of the overview, and the progress of runs. */
import { followEvents as operation } from '@usher/contract/insight-operations';
import { requireWholeSight } from '../../administration/token/actor-sight.ts';
import { isLive } from '../../domain/token/token.ts';
import { allows } from '../../domain/user/role-scopes.ts';
import { peekSignedIn } from '../../users/sessions.ts';
import { type AdminCall, adminRoute } from '../admin-route.ts';
import { headLine } from '../answer.ts';
import type { ApiContext } from '../api-context.ts';
import { browserOf } from '../console/browser.ts';

const eventsHead =
  headLine('Content-Type', 'text/event-stream; charset=utf-8') +
  headLine('Cache-Control', 'no-store') +
  // Proxies such as nginx would otherwise keep the events until the end.
  headLine('X-Accel-Buffering', 'no');

export const eventsRoute = adminRoute(operation, async (call, context) => {
  const { administration, organizationId, headers, limitHead } = call;
  requireWholeSight(administration.actor);
  const stream = await context.events.open({
    organizationId,
    isAllowed: () => isStillAllowed(call, context),
    lastId: headers['last-event-id']?.toString(),
  });
  const gone = call.whenGone();
  if (gone.aborted) stream.end();
  else gone.addEventListener('abort', () => stream.end(), { once: true });
  return { status: 200, head: eventsHead + limitHead, texts: stream };
});

type EventsCall = AdminCall<typeof operation>;

/** Whether the token is still valid, or the user still signed in with a role that allows it. */
async function isStillAllowed(call: EventsCall, context: ApiContext): Promise<boolean> {
  const { token, user } = call.caller;
  if (user !== undefined) return isStillSignedIn(call, context);
  // The state has no revoked tokens.
  const now = context.catalog.current().tokens.get(token.id);
  return now !== undefined && isLive(now, context.clock());
}

/** An open page is no use of the session, which ends when its user does nothing. */
async function isStillSignedIn(call: EventsCall, context: ApiContext): Promise<boolean> {
  const { headers, message, origin, caller } = call;
  const { session } = browserOf(context, { headers, message, address: origin.address });
  const signedIn = session === undefined ? undefined : await peekSignedIn(context.users, session);
  if (signedIn === undefined || signedIn.user.id !== caller.user?.id) return false;
  return allows(signedIn.user.role, operation.permission);
}
