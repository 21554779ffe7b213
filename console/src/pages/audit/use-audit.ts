/** The audit log as the filters of the address ask for it. */
import { call } from '../../api/call.ts';
import type { CallParts } from '../../api/operation-types.ts';
import type { PageEntries } from '../../api/page-entries.ts';
import { useLog } from '../../api/use-log.ts';
import { dayStart, isDay } from '../../format/days.ts';
import { useSession } from '../../session/session-context.tsx';

export type AuditEntry = PageEntries['GET /admin/v1/audit'];

export interface AuditSearch {
  /** `reads` or `all`; missing: changes alone. */
  readonly kind?: string;
  readonly actor?: string;
  readonly action?: string;
  readonly target?: string;
  /** The first day. */
  readonly since?: string;
  /** The last day. */
  readonly until?: string;
}

type AuditQuery = Omit<NonNullable<CallParts<'GET /admin/v1/audit'>['query']>, 'cursor' | 'limit'>;

export function useAudit(search: AuditSearch) {
  const query = useAuditQuery(search);
  return useLog<AuditEntry>(['audit', query], (cursor, signal) =>
    call('GET /admin/v1/audit', { query: { ...query, ...cursor } }, signal),
  );
}

/** The filters as the API knows them. */
export function useAuditQuery({
  kind = 'changes',
  actor,
  action,
  target,
  since,
  until,
}: AuditSearch) {
  const { time_zone: zone } = useSession().organization;
  const query: AuditQuery = {
    // The server refuses a word that does not exist.
    ...(kind !== 'all' && { kind: kind as NonNullable<AuditQuery['kind']> }),
    ...(actor !== undefined && { actor }),
    ...(action !== undefined && { action }),
    ...(target !== undefined && { target }),
    ...(isDay(since) && { since: dayStart(since, zone) }),
    ...(isDay(until) && { until: dayEnd(until, zone) }),
  };
  return query;
}

/** The last millisecond of a day: the end of the range belongs to it. */
function dayEnd(day: string, zone: string): string {
  return new Date(Date.parse(dayStart(day, zone, 1)) - 1).toISOString();
}
