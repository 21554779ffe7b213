/**
 * Limits failed authentication, over all threads: 20 a minute per client address, in bursts of at
 * most 20 (a token bucket). It only sees requests whose token failed, so it never refuses a valid
 * token. Addresses are kept as digests, in shared memory.
 */
import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { countedAddresses, failedAuthentications } from '../limits.ts';
import { releaseLock, takeLock } from '../memory-lock.ts';
import { plainAddress } from './address-list.ts';

const { burst } = failedAuthentications;
const refillPerMs = failedAuthentications.perMinute / 60_000;

const { sets: setCount, perSet: setSize } = countedAddresses;
/** f64 offsets in an entry: digest of the address, units left, time of that count. */
const entryLength = 3;
/** f64 offset of the entries; the lock is before them. */
const entriesPlace = 1;

export function allocateFailedAuthenticationMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(8 * (entriesPlace + setCount * setSize * entryLength));
}

export class FailedAuthenticationLimiter {
  readonly #words: Int32Array;
  readonly #entries: Float64Array;
  readonly #thread: number;
  readonly #clock: () => number;

  constructor(options: {
    readonly memory: SharedArrayBuffer;
    readonly thread: number;
    readonly clock: () => number;
  }) {
    this.#words = new Int32Array(options.memory);
    this.#entries = new Float64Array(options.memory);
    this.#thread = options.thread;
    this.#clock = options.clock;
  }

  /**
   * Counts a failure of an address.
   * @returns 0 if this failure is within the limit, else the milliseconds until another failure
   *   would be within it
   */
  countFailure(address: string): number {
    const key = addressKey(address);
    if (!takeLock(this.#words, 0, this.#thread)) return 1_000;
    const waitMs = this.#countLocked(key, this.#clock());
    releaseLock(this.#words, 0);
    return waitMs;
  }

  /** Frees the lock of a dead thread. */
  releaseThread(deadThread: number): void {
    Atomics.compareExchange(this.#words, 0, deadThread, 0);
  }

  #countLocked(key: number, nowMs: number): number {
    const entry = this.#findEntry(key);
    const isKnown = this.#entries[entry] === key;
    const lastMs = this.#entries[entry + 2] ?? 0;
    const before = isKnown ? (this.#entries[entry + 1] ?? 0) : burst;
    const left = isKnown ? Math.min(burst, before + (nowMs - lastMs) * refillPerMs) : burst;
    const isGranted = left >= 1;
    this.#entries[entry] = key;
    this.#entries[entry + 1] = isGranted ? left - 1 : left;
    this.#entries[entry + 2] = nowMs;
    return isGranted ? 0 : Math.ceil((1 - left) / refillPerMs);
  }

  /** The entry of the key in its set, or the least recently seen one. */
  #findEntry(key: number): number {
    const set = entriesPlace + (key % setCount) * setSize * entryLength;
    let oldest = set;
    for (let way = 0; way < setSize; way += 1) {
      const entry = set + way * entryLength;
      if (this.#entries[entry] === key) return entry;
      if ((this.#entries[entry + 2] ?? 0) < (this.#entries[oldest + 2] ?? 0)) oldest = entry;
    }
    return oldest;
  }
}

/** 48 bits of the digest of an address, or of its /64 for IPv6: one host often owns a whole /64. */
function addressKey(address: string): number {
  const plain = plainAddress(address);
  const unit = isIPv6(plain) ? ipv6Network(plain) : plain;
  return Number.parseInt(hash('sha256', unit, 'hex').slice(0, 12), 16) + 1;
}

/** The first four groups of an IPv6 address in short form. */
export function ipv6Network(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
