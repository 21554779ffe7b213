/** Lists the access log. */
import { listAccess as operation } from '@usher/contract/insight-operations';
import { listLooks, lookPlaceOf, lookPlaceText } from '../../administration/contact/list-looks.ts';
import { adminRoute } from '../admin-route.ts';
import { requireTime } from '../call/require-time.ts';
import { jsonAnswer } from '../json-answer.ts';
import { pageSize } from '../limits.ts';
import { requireIdentity } from '../require-identity.ts';

export const accessLogRoute = adminRoute(operation, async (call, { reader, runs }) => {
  const { administration, caller, query, cursors, limitHead } = call;
  const { limit = pageSize.default, cursor, contact, since, until, actor, outcome = null } = query;
  const filter = {
    contact: contact === undefined ? null : requireIdentity(caller, contact),
    who: actor ?? null,
    outcome,
    sinceMs: requireTime('since', since) ?? null,
    untilMs: requireTime('until', until) ?? null,
  };
  const before = cursor === undefined ? null : lookPlaceOf(await cursors.open(cursor));
  const asking = { administration, organization: caller.organization };
  const place = { dataFolder: runs.dataFolder, reader };
  const { looks, next } = await listLooks(asking, place, { filter, limit, before });
  const following = next === null ? null : await cursors.seal(lookPlaceText(next));
  return jsonAnswer(200, { data: looks, next_cursor: following }, limitHead);
});
