/**
 * The limit on failed authentication: 20 a minute per client address, in a burst of 20 at most (a
 * token bucket), over all threads of the process. It only ever judges requests whose token failed,
 * so a valid token is never refused by it. Addresses are kept as digests, in shared memory.
 */
import { hash } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { releaseLock, takeLock } from '../memory-lock.ts';
import { plainAddress } from './address-list.ts';

const burst = 20;
const refillPerMs = 20 / 60_000;

/**
 * 2,560 sets of 4 addresses: 10,240 remembered, 24 bytes each; a full set forgets the address seen
 * longest ago.
 */
const setCount = 2_560;
const setSize = 4;
/** f64 places of an address: its digest, the units left, when they were counted. */
const entryLength = 3;
/** f64 places before the entries: the lock. */
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
   * Counts one failure of an address.
   * @returns 0 when it was within the limit, else the milliseconds until the next failure would be
   */
  countFailure(address: string): number {
    const key = addressKey(address);
    if (!takeLock(this.#words, 0, this.#thread)) return 1_000;
    const waitMs = this.#countLocked(key, this.#clock());
    releaseLock(this.#words, 0);
    return waitMs;
  }

  /** Frees the lock if a dead thread held it. */
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

  /** The place of the key in its set, else of the address seen longest ago. */
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

/**
 * 48 bits of the digest of an address, of the /64 it is in for IPv6 (one host commonly owns a whole
 * /64).
 */
function addressKey(address: string): number {
  const plain = plainAddress(address);
  const unit = isIPv6(plain) ? ipv6Network(plain) : plain;
  return Number.parseInt(hash('sha256', unit, 'hex').slice(0, 12), 16) + 1;
}

/**
 * The first four groups of an address in its short form, in which `::` stands for one run of zeros.
 */
function ipv6Network(address: string): string {
  const [head = '', tail = ''] = address.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
