/** The access log as the filters of the address ask for it. */
import { useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import type { AnswerOf, CallParts } from '../../api/operation-types.ts';
import { useLog } from '../../api/use-log.ts';
import { dayStart, isDay } from '../../format/days.ts';
import type { Look } from '../../parts/look-words.ts';
import { useSession } from '../../session/session-context.tsx';

export interface AccessSearch {
  /** The id of a contact; the address holds no identity. */
  readonly contact?: string;
  /** The keyed digest of a contact, or of an identity that nobody had. */
  readonly subject?: string;
  readonly actor?: string;
  readonly way?: string;
  readonly outcome?: string;
  /** The first day. */
  readonly since?: string;
  /** The last day. */
  readonly until?: string;
}

type AccessQuery = Omit<
  NonNullable<CallParts<'GET /admin/v1/access-log'>['query']>,
  'cursor' | 'limit'
>;

export type AccessState = AnswerOf<'GET /admin/v1/access-log/state'>;

export function useAccess(search: AccessSearch) {
  const query = useAccessQuery(search);
  return useLog<Look>(['access-log', query], (cursor, signal) =>
    call('GET /admin/v1/access-log', { query: { ...query, ...cursor } }, signal),
  );
}

/** What the log keeps, and whether it is whole. The server checks it at most once a minute. */
export function useAccessState() {
  return useQuery<AccessState, ApiProblem>({
    queryKey: ['access-state'],
    queryFn: ({ signal }) => call('GET /admin/v1/access-log/state', {}, signal),
    refetchInterval: checkedMs,
  });
}

const checkedMs = 60_000;

/** The filters as the API knows them. */
export function useAccessQuery(search: AccessSearch) {
  const { contact, subject, actor, way, outcome, since, until } = search;
  const { time_zone: zone } = useSession().organization;
  const query: AccessQuery = {
    ...(contact !== undefined && { contact: `id:${contact}` }),
    ...(subject !== undefined && { subject }),
    ...(actor !== undefined && { actor }),
    // The server refuses a word that does not exist.
    ...(way !== undefined && { way: way as NonNullable<AccessQuery['way']> }),
    ...(outcome !== undefined && { outcome: outcome as NonNullable<AccessQuery['outcome']> }),
    ...(isDay(since) && { since: dayStart(since, zone) }),
    ...(isDay(until) && { until: dayStart(until, zone, 1) }),
  };
  return query;
}
