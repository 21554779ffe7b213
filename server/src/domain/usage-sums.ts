/** What is counted of the calls of a token, and the figures that follow from the counts. Pure. */

/** Statuses that are counted one by one. One more count is for all others. */
export const usageStatuses = [200, 304, 400, 403, 404, 422, 429, 500, 503] as const;

/** Buckets of 1/8 octave from 16 µs to 16.8 s, one for shorter times, and one for longer ones. */
const firstOctave = 4;
const octaves = 20;
const bucketsPerOctave = 8;
export const latencyBucketCount = octaves * bucketsPerOctave + 2;

/** The counts of one token, of several, or of an organization, in some time. */
export interface UsageSums {
  /** Units of the organization's limit. */
  readonly units: number;
  /** Calls of administration and pushes. They have limits of their own. */
  readonly otherCalls: number;
  /** Look-ups by status, in the order of `usageStatuses`; then those with another status. */
  readonly statuses: readonly number[];
  /** Look-ups by duration. */
  readonly latencies: readonly number[];
}

/** The place of a status in `statuses`. */
export function statusPlace(status: number): number {
  const place = (usageStatuses as readonly number[]).indexOf(status);
  return place < 0 ? usageStatuses.length : place;
}

/** The place of a duration in `latencies`. Takes no logarithm, because each look-up does this. */
export function latencyPlace(durationMs: number): number {
  const micros = durationMs * 1_000;
  if (micros < 2 ** firstOctave) return 0;
  if (micros >= 2 ** (firstOctave + octaves)) return latencyBucketCount - 1;
  const octave = 31 - Math.clz32(micros);
  const part = (micros >> (octave - 3)) & (bucketsPerOctave - 1);
  return 1 + (octave - firstOctave) * bucketsPerOctave + part;
}

/** The bounds of a bucket in milliseconds. The last one gets a bound, too. */
function latencyBounds(place: number): readonly [fromMs: number, toMs: number] {
  const boundAt = (bound: number) => {
    const octave = Math.floor(bound / bucketsPerOctave);
    const part = bound % bucketsPerOctave;
    return (2 ** (firstOctave + octave) * (1 + part / bucketsPerOctave)) / 1_000;
  };
  return [place === 0 ? 0 : boundAt(place - 1), boundAt(place)];
}

export interface LatencyFigures {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

/**
 * Milliseconds within which half, 95 % and 99 % of look-ups were answered, within 13 %; `null`:
 * there were none.
 */
export function latencyFigures({ latencies }: Pick<UsageSums, 'latencies'>): LatencyFigures | null {
  const total = latencies.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  const at = (share: number) => percentile(latencies, total * share);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}

/** The duration within which so many look-ups were answered; linear within a bucket. */
function percentile(latencies: readonly number[], rank: number): number {
  let below = 0;
  for (const [place, count] of latencies.entries()) {
    if (count > 0 && below + count >= rank) {
      const [fromMs, toMs] = latencyBounds(place);
      const ms = fromMs + ((toMs - fromMs) * (rank - below)) / count;
      return Math.round(ms * 1_000) / 1_000;
    }
    below += count;
  }
  return 0;
}

export function lookupCount({ statuses }: Pick<UsageSums, 'statuses'>): number {
  return statuses.reduce((sum, count) => sum + count, 0);
}

/** Look-ups that found a contact are 200 and 304. */
export function notOkCount({ statuses }: Pick<UsageSums, 'statuses'>): number {
  const isOk = (place: number) => place === statusPlace(200) || place === statusPlace(304);
  return statuses.reduce((sum, count, place) => sum + (isOk(place) ? 0 : count), 0);
}

/** Look-ups by status, without zeros. `other`: a status that is not counted by itself. */
export function countsByStatus({
  statuses,
}: Pick<UsageSums, 'statuses'>): Readonly<Record<string, number>> {
  const named = statuses.map((count, place) => [String(usageStatuses[place] ?? 'other'), count]);
  return Object.fromEntries(named.filter(([, count]) => count !== 0));
}

export const noUsage: UsageSums = {
  ...{ units: 0, otherCalls: 0 },
  statuses: Array.from({ length: usageStatuses.length + 1 }, () => 0),
  latencies: Array.from({ length: latencyBucketCount }, () => 0),
};

export function addUsage(one: UsageSums, other: UsageSums): UsageSums {
  return combine(one, other, (a, b) => a + b);
}

/** What came after `before`. Never below zero. */
export function usageSince(now: UsageSums, before: UsageSums): UsageSums {
  return combine(now, before, (a, b) => Math.max(0, a - b));
}

function combine(
  one: UsageSums,
  other: UsageSums,
  by: (one: number, other: number) => number,
): UsageSums {
  const lists = (a: readonly number[], b: readonly number[]) =>
    a.map((count, place) => by(count, b[place] ?? 0));
  return {
    units: by(one.units, other.units),
    otherCalls: by(one.otherCalls, other.otherCalls),
    statuses: lists(one.statuses, other.statuses),
    latencies: lists(one.latencies, other.latencies),
  };
}
