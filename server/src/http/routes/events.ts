/** Sends events: changes of the overview, and the progress of runs. */
import { followEvents as operation } from '@usher/contract/insight-operations';
import { requireWholeSight } from '../../administration/token/actor-sight.ts';
import { adminRoute } from '../admin-route.ts';
import { headLine } from '../answer.ts';
import { hasSameRights } from '../still-allowed.ts';

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
    caller: call.caller.looker,
    // With another role the page begins anew, and so it learns of it.
    isAllowed: () => hasSameRights(call, context, operation.permission),
    lastId: headers['last-event-id']?.toString(),
  });
  const gone = call.whenGone();
  if (gone.aborted) stream.end();
  else gone.addEventListener('abort', () => stream.end(), { once: true });
  return { status: 200, head: eventsHead + limitHead, texts: stream };
});
