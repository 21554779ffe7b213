/** Lists the audit log. */
import { listAudit as operation } from '@usher/contract/insight-operations';
import { searchAudit } from '../../administration/list-audit.ts';
import { adminRoute } from '../admin-route.ts';
import { requireTime } from '../call/require-time.ts';
import { jsonAnswer } from '../json-answer.ts';
import { pageSize } from '../limits.ts';

export const auditRoute = adminRoute(operation, async (call) => {
  const { administration, organizationId, query, cursors, limitHead } = call;
  const { limit = pageSize.default, cursor, since, until, actor, action, target } = query;
  const { entries, nextId } = await searchAudit(administration, organizationId, {
    ...{ actor, action, target, limit },
    sinceMs: requireTime('since', since),
    untilMs: requireTime('until', until),
    beforeId: cursor === undefined ? undefined : Number(await cursors.open(cursor)),
  });
  const next = nextId === null ? null : await cursors.seal(String(nextId));
  return jsonAnswer(200, { data: entries, next_cursor: next }, limitHead);
});
