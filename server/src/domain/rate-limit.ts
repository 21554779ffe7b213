/**
 * The limit: never more than N units granted in any one second, sliding, over all threads of the
 * process.
 *
 * A window counts grants in slots of 1 ms with a running total, in shared memory, under a lock. A
 * grant is counted for the 1,001 slots from its own, so two grants that are counted apart are at
 * least 1,000 ms apart, however they fell within their slots: the promise is exact, and costs at
 * most the one part in a thousand. Memory per window is constant, and batches and changes of the
 * limit cost no more than a single unit. Nothing is granted in the first second of the memory's
 * life: whoever held it before may have granted N just before it ended.
 */
import { releaseLock, seizeLock, takeLock } from './memory-lock.ts';

/** Slots that count: a grant's own millisecond and the 1,000 after it. */
const countedSlots = 1_001;
/** A power of two above `countedSlots`, so that a slot's place is a mask. */
const slotsPerWindow = 1_024;
const slotMask = slotsPerWindow - 1;

/**
 * Int32 places of a window: the lock, its key, its total; then two for the newest slot's time
 * (f64), then the slots.
 */
const lockPlace = 0;
const keyPlace = 1;
const totalPlace = 2;
const newestPlace = 4;
const slotsPlace = 6;
const windowLength = slotsPlace + slotsPerWindow + 2;

/** Int32 places before the windows: the lock of the table, padding, then the start's time (f64). */
const tableLockPlace = 0;
const startPlace = 2;
const windowsPlace = 4;

/**
 * Windows of one memory: 2,048 x 4,128 bytes = 8.5 MB, of which only the used part is ever touched.
 */
const maxWindows = 2_048;

/** What is limited apart from each other. */
export type LimitKind = 'audience' | 'administration' | 'ingest' | 'token';
const kindNumbers: Readonly<Record<LimitKind, number>> = {
  audience: 1,
  administration: 2,
  ingest: 3,
  token: 4,
};

/**
 * The key of a window. @param id an organization's id, or for kind `token` the token's row id;
 * below 2^24
 */
export function windowKey(kind: LimitKind, id: number): number {
  return (kindNumbers[kind] << 24) | (id & 0xff_ff_ff);
}

/** What a key was made of. */
export function windowNames(key: number): { readonly kind: LimitKind; readonly id: number } {
  const number = key >> 24;
  const kinds = Object.keys(kindNumbers) as LimitKind[];
  const kind = kinds.find((name) => kindNumbers[name] === number) ?? 'audience';
  return { kind, id: key & 0xff_ff_ff };
}

export interface LimitRequest {
  /** Of the organization's window (`windowKey`). */
  readonly key: number;
  /** Units per second. */
  readonly limit: number;
  readonly units: number;
  /** A token's share: its own window and its own, lower limit; both must grant. */
  readonly share: { readonly key: number; readonly limit: number } | null;
}

/** Called for each grant, inside the lock. */
export type GrantLog = (timeMs: number, request: LimitRequest) => void;

export interface RateLimiterOptions {
  readonly memory: SharedArrayBuffer;
  /** This thread's number, above 0, unique in the process. */
  readonly thread: number;
  /** Milliseconds of a clock that never goes back and that all threads share. */
  readonly clock: () => number;
  readonly grantLog?: GrantLog;
}

/** Memory for a limiter that all threads of a process share; the second of silence begins now. */
export function allocateRateLimitMemory(nowMs: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(4 * (windowsPlace + maxWindows * windowLength));
  new Float64Array(memory, 4 * startPlace, 1)[0] = nowMs;
  return memory;
}

export class RateLimiter {
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #thread: number;
  readonly #clock: () => number;
  readonly #grantLog: GrantLog | undefined;
  #shareLeft = 0;
  /**
   * Where each key's window was found; its key is checked at each use, since an idle window may be
   * given to another.
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
   * @returns what is left of the second, 0 or more, when granted; else minus the milliseconds until
   *   that many units will be free (below 0). More units than the limit are never free: minus
   *   1,000.
   */
  take(request: LimitRequest): number {
    // Found before the lock is taken: the table's lock is never waited for under a window's.
    const share = request.share === null ? null : this.#findWindow(request.share.key);
    const window = this.#lockWindow(request.key);
    if (window === undefined || share === undefined) return -1_000;
    const now = this.#clock();
    const left = this.#takeLocked({ window, share }, request, now);
    if (left >= 0) this.#grantLog?.(now, request);
    releaseLock(this.#words, window + lockPlace);
    return left;
  }

  /** What is left of the share that the last granted `take` of this thread counted in. */
  get shareLeft(): number {
    return this.#shareLeft;
  }

  /** Milliseconds until the first grant is possible; 0 when it is now. */
  silenceMs(): number {
    const start = this.#times[startPlace / 2] ?? 0;
    return Math.max(0, Math.ceil(start + countedSlots - this.#clock()));
  }

  /** Frees what a dead thread held, with totals counted anew since it may have died half-way. */
  releaseThread(deadThread: number): void {
    const owner = { from: deadThread, to: this.#thread };
    if (seizeLock(this.#words, tableLockPlace, owner)) releaseLock(this.#words, tableLockPlace);
    for (let place = 0; place < maxWindows; place += 1) {
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
    const left = this.#room(window, request.limit, now) - request.units;
    if (left < 0) return -this.#waitMs(window, request.limit, request.units);
    if (share !== null && request.share !== null) {
      // A token's window is only ever counted in under its organization's lock.
      const shareLeft = this.#room(share, request.share.limit, now) - request.units;
      if (shareLeft < 0) return -this.#waitMs(share, request.share.limit, request.units);
      this.#add(share, request.units);
      this.#shareLeft = shareLeft;
    }
    this.#add(window, request.units);
    return left;
  }

  /** Units free now, after forgetting the slots that no longer count. */
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
      // The slot that stops counting when time reaches `newest + step`.
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

  /** Milliseconds until so many units are free, by walking the slots from the oldest. */
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

  /** The window of a key, locked; `undefined` when neither it nor a free one could be had. */
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

  /**
   * The window of the key, else an unused one, else the first that was idle for over two seconds,
   * made its own.
   */
  #searchWindow(key: number): number | undefined {
    for (let place = 0; place < maxWindows; place += 1) {
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
    for (let place = 0; place < maxWindows; place += 1) {
      const window = windowsPlace + place * windowLength;
      const lock = window + lockPlace;
      if (!seizeLock(this.#words, lock, { from: 0, to: this.#thread })) continue;
      // Under its lock, so that nobody is granting in it. Its slots are forgotten by its next, long
      // `#advance`.
      const isIdle = (this.#times[(window + newestPlace) / 2] ?? 0) < idleBefore;
      if (isIdle) this.#words[window + keyPlace] = key;
      releaseLock(this.#words, lock);
      if (isIdle) return window;
    }
    return undefined;
  }
}
