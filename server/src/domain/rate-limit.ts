/**
 * The rate limiter: grants at most N units in any second (a sliding window), over all threads.
 *
 * A window counts grants in slots of 1 ms and keeps their total, in shared memory under a lock. A
 * grant counts for 1,001 slots, beginning with its own. So two grants that are not counted together
 * are at least 1,000 ms apart, wherever they fell in their slots. So the limit is never exceeded,
 * and callers lose at most 0.1 % of it. A window's size is constant, and a batch costs as much as a
 * single unit. Nothing is granted in the second after the previous process ended, because it may
 * have granted N units just before.
 */
import { maxRateWindows } from './limits.ts';
import { releaseLock, seizeLock, takeLock } from './memory-lock.ts';

/** Slots that count: a grant's own millisecond and the 1,000 after it. */
const countedSlots = 1_001;
/** A power of two above `countedSlots`, so that a mask finds a slot's offset. */
const slotsPerWindow = 1_024;
const slotMask = slotsPerWindow - 1;

/** Int32 offsets in a window: lock, key, total, time of the newest slot (f64), then the slots. */
const lockPlace = 0;
const keyPlace = 1;
const totalPlace = 2;
const newestPlace = 4;
const slotsPlace = 6;
const windowLength = slotsPlace + slotsPerWindow + 2;

/** Int32 offsets before the windows: lock of the table, padding, start of the memory (f64). */
const tableLockPlace = 0;
const startPlace = 2;
const windowsPlace = 4;

/** Each kind has windows of its own. */
const limitKinds = ['audience', 'administration', 'ingest', 'token', 'console'] as const;
export type LimitKind = (typeof limitKinds)[number];

/**
 * The key of a window.
 * @param id an organization's id, a token's row id for the kind `token`, a user's for `console`;
 *   below 2^24
 */
export function windowKey(kind: LimitKind, id: number): number {
  return ((limitKinds.indexOf(kind) + 1) << 24) | (id & 0xff_ff_ff);
}

/** Reverses `windowKey`. */
export function windowNames(key: number): { readonly kind: LimitKind; readonly id: number } {
  return { kind: limitKinds[(key >> 24) - 1] ?? 'audience', id: key & 0xff_ff_ff };
}

export interface LimitRequest {
  /** The organization's window, from `windowKey`. */
  readonly key: number;
  /** Units per second. */
  readonly limit: number;
  readonly units: number;
  /** A token's own window with a lower limit. Both windows must grant. */
  readonly share: { readonly key: number; readonly limit: number } | null;
}

/** Called inside the lock, for each grant. */
export type GrantLog = (timeMs: number, request: LimitRequest) => void;

export interface RateLimiterOptions {
  readonly memory: SharedArrayBuffer;
  /** This thread's number: above 0, unique in the process. */
  readonly thread: number;
  /** Milliseconds of a monotonic clock that all threads share. */
  readonly clock: () => number;
  readonly grantLog?: GrantLog;
}

/**
 * Memory for all threads of a process.
 * @param silentSinceMs when the second without grants begins: since then nothing was granted
 */
export function allocateRateLimitMemory(silentSinceMs: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(4 * (windowsPlace + maxRateWindows * windowLength));
  new Float64Array(memory, 4 * startPlace, 1)[0] = silentSinceMs;
  return memory;
}

export class RateLimiter {
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #thread: number;
  readonly #clock: () => number;
  readonly #grantLog: GrantLog | undefined;
  #left = 0;
  #shareLeft = 0;
  /**
   * Offsets of windows by key. Each use checks the key, since an idle window may be given to
   * another key.
   */
  readonly #windows = new Map<number, number>();

  constructor(options: RateLimiterOptions) {
    this.#words = new Int32Array(options.memory);
    this.#times = new Float64Array(options.memory);
    this.#thread = options.thread;
    this.#clock = options.clock;
    this.#grantLog = options.grantLog;
  }

  /**
   * Grants all the units or none.
   * @returns the units left in this second, if granted. Otherwise a negative number: the
   *   milliseconds to wait until that many units are free; always -1,000 for more units than the
   *   limit.
   */
  take(request: LimitRequest): number {
    // Before the window's lock: waiting for the table's lock inside it could deadlock.
    const share = request.share === null ? null : this.#findWindow(request.share.key);
    const window = this.#lockWindow(request.key);
    this.#left = 0;
    this.#shareLeft = 0;
    if (window === undefined || share === undefined) return -1_000;
    const now = this.#clock();
    const left = this.#takeLocked({ window, share }, request, now);
    if (left >= 0) this.#grantLog?.(now, request);
    releaseLock(this.#words, window + lockPlace);
    return left;
  }

  /** Units left in this second after the last `take` of this thread, granted or not. */
  get left(): number {
    return this.#left;
  }

  /** Those of the token's window; 0 for a token without a share. */
  get shareLeft(): number {
    return this.#shareLeft;
  }

  /** Milliseconds until the first grant is possible, or 0. */
  silenceMs(): number {
    const start = this.#times[startPlace / 2] ?? 0;
    return Math.max(0, Math.ceil(start + countedSlots - this.#clock()));
  }

  /**
   * Frees the locks of a dead thread. It may have died between two writes, so totals are recounted.
   */
  releaseThread(deadThread: number): void {
    const owner = { from: deadThread, to: this.#thread };
    if (seizeLock(this.#words, tableLockPlace, owner)) releaseLock(this.#words, tableLockPlace);
    for (let place = 0; place < maxRateWindows; place += 1) {
      const window = windowsPlace + place * windowLength;
      if (!seizeLock(this.#words, window + lockPlace, owner)) continue;
      const slots = window + slotsPlace;
      this.#words[window + totalPlace] = this.#words
        .subarray(slots, slots + slotsPerWindow)
        .reduce((sum, units) => sum + units, 0);
      releaseLock(this.#words, window + lockPlace);
    }
  }

  #takeLocked(
    { window, share }: { readonly window: number; readonly share: number | null },
    request: LimitRequest,
    now: number,
  ): number {
    const { limit, units } = request;
    const room = this.#room(window, limit, now);
    this.#left = Math.max(0, room);
    if (share !== null && request.share !== null) {
      // A token's window is only written under its organization's lock.
      const shareRoom = this.#room(share, request.share.limit, now);
      this.#shareLeft = Math.max(0, shareRoom);
      if (room < units) return -this.#waitMs(window, limit, units);
      if (shareRoom < units) return -this.#waitMs(share, request.share.limit, units);
      this.#add(share, units);
      this.#shareLeft = shareRoom - units;
    } else if (room < units) {
      return -this.#waitMs(window, limit, units);
    }
    this.#add(window, units);
    this.#left = room - units;
    return this.#left;
  }

  /** Units that are free now. Drops slots that are too old to count. */
  #room(window: number, limit: number, nowMs: number): number {
    const now = Math.floor(nowMs);
    const newest = this.#times[(window + newestPlace) / 2] ?? 0;
    if (now > newest) this.#advance(window, newest, now);
    const start = this.#times[startPlace / 2] ?? 0;
    if (nowMs < start + countedSlots) return 0;
    return limit - (this.#words[window + totalPlace] ?? 0);
  }

  #advance(window: number, newest: number, now: number): void {
    const slots = window + slotsPlace;
    const steps = Math.min(now - newest, slotsPerWindow);
    let total = this.#words[window + totalPlace] ?? 0;
    for (let step = 1; step <= steps; step += 1) {
      // The slot that is too old when the time is `newest + step`.
      const place = slots + ((newest + step - countedSlots) & slotMask);
      total -= this.#words[place] ?? 0;
      this.#words[place] = 0;
    }
    this.#words[window + totalPlace] = total;
    this.#times[(window + newestPlace) / 2] = now;
  }

  #add(window: number, units: number): void {
    const newest = this.#times[(window + newestPlace) / 2] ?? 0;
    const place = window + slotsPlace + (newest & slotMask);
    this.#words[place] = (this.#words[place] ?? 0) + units;
    this.#words[window + totalPlace] = (this.#words[window + totalPlace] ?? 0) + units;
  }

  /** Milliseconds until that many units are free. Goes through the slots from the oldest. */
  #waitMs(window: number, limit: number, units: number): number {
    const newest = this.#times[(window + newestPlace) / 2] ?? 0;
    let excess = (this.#words[window + totalPlace] ?? 0) + units - limit;
    for (let wait = 1; wait <= countedSlots; wait += 1) {
      const oldest = newest + wait - countedSlots;
      excess -= this.#words[window + slotsPlace + (oldest & slotMask)] ?? 0;
      if (excess <= 0) return wait;
    }
    return 1_000;
  }

  /** Locks the window of a key; `undefined` if all windows are in use or a lock is stuck. */
  #lockWindow(key: number): number | undefined {
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const window = this.#findWindow(key);
      if (window === undefined) return undefined;
      if (!takeLock(this.#words, window + lockPlace, this.#thread)) return undefined;
      if (this.#words[window + keyPlace] === key) return window;
      releaseLock(this.#words, window + lockPlace);
    }
    return undefined;
  }

  #findWindow(key: number): number | undefined {
    const known = this.#windows.get(key);
    if (known !== undefined && this.#words[known + keyPlace] === key) return known;
    if (!takeLock(this.#words, tableLockPlace, this.#thread)) return undefined;
    const found = this.#searchWindow(key);
    releaseLock(this.#words, tableLockPlace);
    if (found !== undefined) this.#windows.set(key, found);
    return found;
  }

  /** The window of the key, else an unused one, else one that was idle for two seconds. */
  #searchWindow(key: number): number | undefined {
    for (let place = 0; place < maxRateWindows; place += 1) {
      const window = windowsPlace + place * windowLength;
      const holder = this.#words[window + keyPlace];
      if (holder === key) return window;
      if (holder === 0) {
        this.#words[window + keyPlace] = key;
        return window;
      }
    }
    return this.#reuseIdleWindow(key);
  }

  #reuseIdleWindow(key: number): number | undefined {
    const idleBefore = this.#clock() - 2 * slotsPerWindow;
    for (let place = 0; place < maxRateWindows; place += 1) {
      const window = windowsPlace + place * windowLength;
      const lock = window + lockPlace;
      if (!seizeLock(this.#words, lock, { from: 0, to: this.#thread })) continue;
      // The lock keeps others from granting here. The next `#advance` clears the old slots.
      const isIdle = (this.#times[(window + newestPlace) / 2] ?? 0) < idleBefore;
      if (isIdle) this.#words[window + keyPlace] = key;
      releaseLock(this.#words, lock);
      if (isIdle) return window;
    }
    return undefined;
  }
}
