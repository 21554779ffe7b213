/**
 * What the look-ups of a thread leave behind: units of the limits, counts, notes. All of it is in
 * the given memory, or collected for the supervisor.
 */
import { allocateAccessQueues } from '../access/access-queue.ts';
import type { AccessEnds } from '../domain/access-end.ts';
import { allocateRateLimitMemory, RateLimiter } from '../domain/rate-limit.ts';
import {
  allocateFailedAuthenticationMemory,
  FailedAuthenticationLimiter,
} from '../domain/token/failed-authentication.ts';
import type { ApiContext } from '../http/api-context.ts';
import { countedRoutes } from '../http/routes.ts';
import { monotonicMs } from '../observe/monotonic-clock.ts';
import { allocateCounters, RequestCounters } from '../observe/request-counters.ts';
import { UsageClients } from '../observe/usage-clients.ts';
import { allocateUsage, UsageCounters } from '../observe/usage-counters.ts';
import { composeAccess } from './compose-access.ts';
import { FieldReads } from './field-reads.ts';
import type { LimitLog } from './limit-log.ts';
import { PushCounts } from './push-counts.ts';
import type { LookupThreadData } from './thread-messages.ts';
import { TokenUses } from './token-uses.ts';

export type Traces = Pick<
  ApiContext,
  | 'limiter'
  | 'failedAuthentication'
  | 'counters'
  | 'usage'
  | 'usageClients'
  | 'tokenUsed'
  | 'fieldsRead'
  | 'rowsPushed'
  | 'access'
  | 'accessLog'
>;

/** What the supervisor writes now and then. */
interface Collected {
  readonly tokenUses: TokenUses;
  readonly fieldReads: FieldReads;
  readonly pushCounts: PushCounts;
}

export function composeTraces(
  { settings, memory, thread, row }: LookupThreadData,
  { ends, limitLog }: { readonly ends: AccessEnds; readonly limitLog?: LimitLog | undefined },
): { readonly traces: Traces; readonly collected: Collected } {
  const limited = { thread, clock: monotonicMs };
  const grantLog = limitLog === undefined ? {} : { grantLog: limitLog.log };
  const layout = { routes: countedRoutes, rows: settings.workers };
  const collected = {
    tokenUses: new TokenUses(),
    fieldReads: new FieldReads(Date.now),
    pushCounts: new PushCounts(),
  };
  const traces: Traces = {
    limiter: new RateLimiter({ ...limited, ...grantLog, memory: memory.rateLimit }),
    failedAuthentication: new FailedAuthenticationLimiter({
      ...limited,
      memory: memory.failedAuthentication,
    }),
    counters: new RequestCounters({ memory: memory.counters, layout, row }),
    usage: new UsageCounters(memory.usage, row),
    usageClients: new UsageClients(),
    tokenUsed: (token, nowMs) => collected.tokenUses.note(token, nowMs),
    fieldsRead: (token, plan) => collected.fieldReads.note(token, plan),
    rowsPushed: (place, rows, nowMs) => collected.pushCounts.note(place, rows, nowMs),
    ...composeAccess(memory.access, { row, settings, ends }),
  };
  return { traces, collected };
}

/** Traces of the same kind that nobody sees. */
export function composeUnseenTraces(data: LookupThreadData, ends: AccessEnds): Traces {
  const rows = { rows: 1 };
  const memory = {
    ...data.memory,
    rateLimit: allocateRateLimitMemory(0),
    failedAuthentication: allocateFailedAuthenticationMemory(),
    counters: allocateCounters(rows),
    usage: allocateUsage(rows),
    access: data.memory.access === null ? null : allocateAccessQueues(1),
  };
  const settings = { ...data.settings, workers: 1 };
  return composeTraces({ ...data, settings, memory, row: 0 }, { ends }).traces;
}
