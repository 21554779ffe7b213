/** What the overview shows of the calls of an organization: now, and in the last hour. */
import type { Organization } from '../../domain/organization.ts';
import type { Token } from '../../domain/token/token.ts';
import {
  addUsage,
  countsByStatus,
  latencyFigures,
  lookupCount,
  notOkCount,
  noUsage,
  statusPlace,
  type UsageSums,
} from '../../domain/usage-sums.ts';
import { rfc3339 } from '../administration.ts';
import { maxShownTokens } from '../limits.ts';

/** What the threads of the server have counted. `observe/usage-history.ts` keeps it. */
export interface UsageBook {
  /** When the counting began: milliseconds since the epoch. */
  readonly countedSinceMs: number;
  /** The calls of the last seconds, by the token's row id. */
  recent(organizationId: number): {
    readonly seconds: number;
    readonly tokens: ReadonlyMap<number, UsageSums>;
  };
  /** Whole minutes with calls, the oldest first. */
  lastHour(organizationId: number): readonly {
    readonly startMs: number;
    readonly sums: UsageSums;
  }[];
}

export type RecentUsage = ReturnType<UsageBook['recent']>;
type UsageMinutes = ReturnType<UsageBook['lastHour']>;

const minuteSeconds = 60;

export function viewNow({ seconds, tokens }: RecentUsage) {
  const sums = sumUp(tokens.values());
  return {
    seconds: rounded(seconds),
    requests_per_second: rounded(lookupCount(sums) / seconds),
    not_ok_per_second: rounded(notOkCount(sums) / seconds),
    latency: viewLatency(sums),
    statuses: countsByStatus(sums),
  };
}

export function viewLastHour(minutes: UsageMinutes, countedSinceMs: number) {
  const sums = sumUp(minutes.map((minute) => minute.sums));
  const counts = minutes.map((minute) => lookupCount(minute.sums));
  const highest = Math.max(0, ...counts);
  const peak = minutes[counts.indexOf(highest)];
  return {
    ...viewSums(sums),
    counted_since: rfc3339(countedSinceMs),
    peak:
      peak === undefined
        ? null
        : { at: rfc3339(peak.startMs), requests_per_second: rounded(highest / minuteSeconds) },
    minutes: minutes.map((minute) => ({ at: rfc3339(minute.startMs), ...viewSums(minute.sums) })),
  };
}

/** The tokens that take most of the limit come first. */
export function viewLimit(
  { rateLimit }: Pick<Organization, 'rateLimit'>,
  { seconds, tokens }: RecentUsage,
  known: readonly Token[],
) {
  const used = sumUp(tokens.values()).units / seconds;
  const shares = known
    .map((token) => {
      const perSecond = (tokens.get(token.rowId)?.units ?? 0) / seconds;
      const { id, name, lastCharacters, maxShare } = token;
      return {
        ...{ id, name, last_characters: lastCharacters, max_share: maxShare },
        units_per_second: rounded(perSecond),
        share: rounded(perSecond / rateLimit),
      };
    })
    .filter((token) => token.units_per_second > 0)
    .toSorted((one, other) => other.units_per_second - one.units_per_second);
  return {
    units_per_second: rateLimit,
    used_per_second: rounded(used),
    free_per_second: rounded(Math.max(0, rateLimit - used)),
    tokens: shares.slice(0, maxShownTokens),
  };
}

export function viewSums(sums: UsageSums) {
  return {
    requests: lookupCount(sums),
    not_ok: notOkCount(sums),
    limited: sums.statuses[statusPlace(429)] ?? 0,
    units: sums.units,
    latency: viewLatency(sums),
    statuses: countsByStatus(sums),
  };
}

function viewLatency(sums: UsageSums) {
  const figures = latencyFigures(sums);
  if (figures === null) return null;
  return { p50_ms: figures.p50, p95_ms: figures.p95, p99_ms: figures.p99 };
}

function sumUp(parts: Iterable<UsageSums>): UsageSums {
  return [...parts].reduce(addUsage, noUsage);
}

/** To a thousandth. */
function rounded(number: number): number {
  return Math.round(number * 1_000) / 1_000;
}
