/**
 * Calendar days in a time zone, for code that converts many dates. Offsets are kept by day, so that
 * most conversions take a few nanoseconds. `zoned-time.ts` has the same rules, and decides the days
 * on which a clock changes.
 */
import { offsetMs, toEpochMs } from './zoned-time.ts';

export const dayMs = 86_400_000;

/** 1900 to 2100, as days since 1970: 73,414 x (4 + 8) bytes are 881 kB for each zone in use. */
const firstDay = -25_567;
const lastDay = 47_846;
const unknown = -0x80000000;

export class ZoneDays {
  readonly #timeZone: string;
  readonly #isUtc: boolean;
  /** The offset at 00:00 UTC of each day. */
  readonly #offsets: Int32Array;
  /** When each day begins; NaN until it is asked for. */
  readonly #starts: Float64Array;

  /** @param timeZone an IANA name or `Z`; an unknown one throws a RangeError when it is used */
  constructor(timeZone: string) {
    this.#timeZone = timeZone;
    this.#isUtc = timeZone === 'Z' || timeZone === 'UTC';
    const days = this.#isUtc ? 0 : lastDay - firstDay + 1;
    this.#offsets = new Int32Array(days).fill(unknown);
    this.#starts = new Float64Array(days).fill(Number.NaN);
  }

  /** The instant at which a calendar day begins. @param day days since 1970 */
  startOf(day: number): number {
    return this.toEpochMs(day * dayMs);
  }

  /** Writes the instant at which a day begins, without allocation for most days. */
  writeStartOf(day: number, into: Float64Array, slot: number): void {
    if (this.#isUtc) {
      into[slot] = day * dayMs;
      return;
    }
    const place = day - firstDay;
    const known = this.#starts[place];
    const start = known === undefined || Number.isNaN(known) ? this.startOf(day) : known;
    if (known !== undefined) this.#starts[place] = start;
    into[slot] = start;
  }

  /** The instant of a local time, by the rules of `toEpochMs`. */
  toEpochMs(localMs: number): number {
    if (this.#isUtc) return localMs;
    const day = Math.floor(localMs / dayMs);
    const offset = this.#offsetAt(day);
    const isSteady =
      this.#offsetAt(day - 1) === offset &&
      this.#offsetAt(day + 1) === offset &&
      this.#offsetAt(day + 2) === offset;
    return isSteady ? localMs - offset : toEpochMs(localMs, this.#timeZone);
  }

  /**
   * The instant of a local time; of one that occurs twice, the one with this offset.
   * @param offset how far the local time is ahead of UTC, in milliseconds
   */
  toEpochMsWith(localMs: number, offset: number): number {
    const usual = this.toEpochMs(localMs);
    const wanted = localMs - offset;
    return usual !== wanted && this.toLocalMs(wanted) === localMs ? wanted : usual;
  }

  /** The local time of an instant, as if it were UTC. */
  toLocalMs(epochMs: number): number {
    if (this.#isUtc) return epochMs;
    const day = Math.floor(epochMs / dayMs);
    const offset = this.#offsetAt(day);
    if (this.#offsetAt(day + 1) === offset) return epochMs + offset;
    return epochMs + offsetMs(epochMs, this.#timeZone);
  }

  #offsetAt(day: number): number {
    if (day < firstDay || day > lastDay) return offsetMs(day * dayMs, this.#timeZone);
    const known = this.#offsets[day - firstDay] as number;
    if (known !== unknown) return known;
    const found = offsetMs(day * dayMs, this.#timeZone);
    this.#offsets[day - firstDay] = found;
    return found;
  }
}

const zones = new Map<string, ZoneDays>();

/** The days of a zone, which all users share. */
export function zoneDaysOf(timeZone: string): ZoneDays {
  const known = zones.get(timeZone);
  if (known !== undefined) return known;
  const made = new ZoneDays(timeZone);
  zones.set(timeZone, made);
  return made;
}
