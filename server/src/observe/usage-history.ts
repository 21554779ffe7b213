/**
 * Keeps what was counted a moment ago, so that a thread can say how many calls there are now and
 * were in the last hour. Every look-up thread keeps its own history of all threads' counters.
 */
import { addUsage, noUsage, type UsageSums, usageSince } from '../domain/usage-sums.ts';
import type { TokenUsage } from './usage-counters.ts';

/** How often the counters are read, and how many readings are kept: "now" is 10 to 15 s. */
export const usageSampleMs = 5_000;
const keptSamples = 3;

const minuteMs = 60_000;

/** Minutes that are kept: for each organization with calls 60 x 1.4 kB. */
const keptMinutes = 60;

type Counted = ReadonlyMap<number, TokenUsage>;

interface Sample {
  readonly atMs: number;
  readonly counted: Counted;
}

export interface UsageMinute {
  /** When it began: milliseconds since the epoch. */
  readonly startMs: number;
  readonly sums: UsageSums;
}

export interface RecentUsage {
  readonly seconds: number;
  /** By the token's row id; only tokens with calls. */
  readonly tokens: ReadonlyMap<number, UsageSums>;
}

export class UsageHistory {
  readonly #read: () => Counted;
  readonly #clock: () => number;
  #samples: Sample[];
  #minuteStart: Sample;
  readonly #startMs: number;
  /** The sums of each organization by its id, the oldest minute first. */
  #minutes: { readonly startMs: number; readonly sums: ReadonlyMap<number, UsageSums> }[] = [];

  /** @param clock milliseconds since the epoch */
  constructor(read: () => Counted, clock: () => number) {
    this.#read = read;
    this.#clock = clock;
    this.#minuteStart = { atMs: clock(), counted: read() };
    this.#samples = [this.#minuteStart];
    this.#startMs = this.#minuteStart.atMs;
  }

  /** Call it every `usageSampleMs`. */
  sample(): void {
    const now = { atMs: this.#clock(), counted: this.#read() };
    this.#samples = [...this.#samples, now].slice(-keptSamples);
    const minute = Math.floor(this.#minuteStart.atMs / minuteMs);
    if (Math.floor(now.atMs / minuteMs) === minute) return;
    const sums = byOrganization(usedSince(now.counted, this.#minuteStart.counted));
    this.#minutes.push({ startMs: minute * minuteMs, sums });
    const oldestMs = now.atMs - (keptMinutes + 1) * minuteMs;
    this.#minutes = this.#minutes.filter(({ startMs }) => startMs > oldestMs);
    this.#minuteStart = now;
  }

  /** The calls of the last 10 to 15 seconds; of fewer if the thread has just started. */
  recent(organizationId: number): RecentUsage {
    const nowMs = this.#clock();
    const [first = this.#minuteStart] = this.#samples;
    const used = usedSince(this.#read(), first.counted);
    const own = used.filter((one) => one.organizationId === organizationId);
    return {
      seconds: Math.max(1, (nowMs - first.atMs) / 1_000),
      tokens: new Map(own.map((one) => [one.tokenRowId, one])),
    };
  }

  /** When the counting began. Of earlier minutes nothing is known. */
  get countedSinceMs(): number {
    return this.#startMs;
  }

  /** Whole minutes of the last hour in which there were calls, the oldest first. */
  lastHour(organizationId: number): readonly UsageMinute[] {
    return this.#minutes.flatMap(({ startMs, sums }) => {
      const own = sums.get(organizationId);
      return own === undefined ? [] : [{ startMs, sums: own }];
    });
  }
}

/** Only tokens with calls. */
export function usedSince(now: Counted, before: Counted): readonly TokenUsage[] {
  return [...now.values()]
    .map((one) => ({ ...one, ...usageSince(one, before.get(one.tokenRowId) ?? noUsage) }))
    .filter((one) => one.otherCalls > 0 || one.statuses.some((count) => count > 0));
}

function byOrganization(used: readonly TokenUsage[]): ReadonlyMap<number, UsageSums> {
  const sums = new Map<number, UsageSums>();
  for (const one of used) {
    sums.set(one.organizationId, addUsage(sums.get(one.organizationId) ?? noUsage, one));
  }
  return sums;
}
