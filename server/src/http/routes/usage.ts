/** Lists the usage of tokens. */
import { listUsage as operation } from '@usher/contract/insight-operations';
import { listUsage } from '../../administration/overview/list-usage.ts';
import { adminRoute } from '../admin-route.ts';
import { requireTime } from '../call/require-time.ts';
import { jsonAnswer } from '../json-answer.ts';
import { pageSize } from '../limits.ts';

const dayMs = 86_400_000;

export const usageRoute = adminRoute(operation, async (call) => {
  const { administration, organizationId, query, cursors, limitHead } = call;
  const { limit = pageSize.default, cursor, ref, since, until, by = 'hour' } = query;
  const nowMs = administration.clock();
  const { entries, nextHour } = await listUsage(administration, organizationId, {
    ...{ token: ref ?? null, by, limit },
    isTotal: query.total === true,
    hasDetails: query.details === true,
    sinceMs: Math.max(requireTime('since', since) ?? nowMs - dayMs, nowMs - 31 * dayMs),
    untilMs: Math.min(requireTime('until', until) ?? nowMs, nowMs),
    beforeHour: cursor === undefined ? null : Number(await cursors.open(cursor)),
  });
  const next = nextHour === null ? null : await cursors.seal(String(nextHour));
  return jsonAnswer(200, { data: entries, next_cursor: next }, limitHead);
});
