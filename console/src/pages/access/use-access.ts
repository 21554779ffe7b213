/** The access log as the filters of the address ask for it. */
import { call } from '../../api/call.ts';
import type { CallParts } from '../../api/operation-types.ts';
import { useLog } from '../../api/use-log.ts';
import { dayStart, isDay } from '../../format/days.ts';
import type { Look } from '../../parts/look-words.ts';
import { useSession } from '../../session/session-context.tsx';

export interface AccessSearch {
  /** The id of a contact; the address holds no identity. */
  readonly contact?: string;
  readonly actor?: string;
  readonly outcome?: string;
  /** The first day. */
  readonly since?: string;
  /** The last day. */
  readonly until?: string;
}

type AccessQuery = NonNullable<CallParts<'GET /admin/v1/access-log'>['query']>;

export function useAccess({ contact, actor, outcome, since, until }: AccessSearch) {
  const { time_zone: zone } = useSession().organization;
  const query: AccessQuery = {
    ...(contact !== undefined && { contact: `id:${contact}` }),
    ...(actor !== undefined && { actor }),
    // The server refuses an outcome that does not exist.
    ...(outcome !== undefined && { outcome: outcome as NonNullable<AccessQuery['outcome']> }),
    ...(isDay(since) && { since: dayStart(since, zone) }),
    ...(isDay(until) && { until: dayStart(until, zone, 1) }),
  };
  return useLog<Look>(['access-log', query], (cursor, signal) =>
    call('GET /admin/v1/access-log', { query: { ...query, ...cursor } }, signal),
  );
}
