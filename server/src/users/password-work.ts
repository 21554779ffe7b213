/**
 * The queue of work on passwords. Each takes 128 MB and a core, so the process works on two at
 * once, over all of its threads. Unknown networks get one of the two, which rests after each for as
 * long as it worked: they never take more than half of a core from look-ups. Known browsers go
 * first, and one network cannot fill the queue.
 */
import { UsherError } from '../domain/errors.ts';
import {
  maxPasswordsAtOnce,
  maxWaitingPasswords,
  maxWaitingPerPlace,
  passwordWaitMs,
} from './limits.ts';
import { hashPassword, matchesPassword, type PasswordCost } from './password-hash.ts';

/** Where an attempt comes from. */
export interface AttemptPlace {
  /** The network, or the known browser. */
  readonly key: string;
  readonly isKnown: boolean;
}

/** @param stored the hash; `null` takes the same work and never matches */
export type MatchesPassword = (password: string, stored: string | null) => Promise<boolean>;

interface Job {
  readonly place: AttemptPlace;
  readonly start: (slot: number) => void;
  readonly fail: (error: unknown) => void;
  readonly endMs: number;
}

/** How often a thread looks for a free slot while another one has them all. */
const slotPollMs = 20;
const free = 0;

/** A slot is a word with the number of the thread that has it. */
export function allocatePasswordSlots(): SharedArrayBuffer {
  return new SharedArrayBuffer(4 * maxPasswordsAtOnce);
}

/** Frees the slots of a dead thread. */
export function releasePasswordSlots(memory: SharedArrayBuffer, deadThread: number): void {
  const slots = new Int32Array(memory);
  for (const index of slots.keys()) Atomics.compareExchange(slots, index, deadThread, free);
}

export interface PasswordWorkOptions {
  readonly memory: SharedArrayBuffer;
  /** This thread's number: above 0, unique in the process. */
  readonly thread: number;
  /** Milliseconds of a monotonic clock. */
  readonly clock: () => number;
  readonly cost: PasswordCost;
  /** From 0 to below 1. Need not be secure. */
  readonly random: () => number;
}

export class PasswordWork {
  readonly #slots: Int32Array;
  readonly #thread: number;
  readonly #clock: () => number;
  readonly #cost: PasswordCost;
  readonly #random: () => number;
  #waiting: Job[] = [];
  #poll: NodeJS.Timeout | undefined;

  constructor(options: PasswordWorkOptions) {
    this.#slots = new Int32Array(options.memory);
    this.#thread = options.thread;
    this.#clock = options.clock;
    this.#cost = options.cost;
    this.#random = options.random;
  }

  /** @throws UsherError `overloaded` if there is no turn within 10 s */
  hash(password: string, place: AttemptPlace): Promise<string> {
    return this.inTurn(place, () => hashPassword(password, this.#cost));
  }

  /**
   * Does `work`, which checks one password, when it is the turn of this place.
   * @throws UsherError `overloaded` if there is no turn within 10 s; then nothing was done
   */
  async inTurn<T>(place: AttemptPlace, work: (matches: MatchesPassword) => Promise<T>): Promise<T> {
    const slot = await this.#turn(place);
    const startMs = this.#clock();
    try {
      return await work((password, stored) => matchesPassword(password, stored, this.#cost));
    } finally {
      const restMs = place.isKnown ? 0 : this.#clock() - startMs;
      this.#free(slot, restMs);
    }
  }

  #free(slot: number, restMs: number): void {
    const end = () => {
      Atomics.store(this.#slots, slot, free);
      this.#next();
    };
    if (restMs === 0) end();
    else setTimeout(end, restMs).unref();
  }

  /** Resolves with the slot that this thread now has. */
  async #turn(place: AttemptPlace): Promise<number> {
    const ofPlace = this.#waiting.filter((job) => job.place.key === place.key).length;
    if (ofPlace >= maxWaitingPerPlace) throw overloaded();
    const others = this.#waiting.filter((job) => job.place.isKnown === place.isKnown);
    if (others.length >= maxWaitingPasswords) this.#refuseOne(others);
    return new Promise((start, fail) => {
      this.#waiting.push({ place, start, fail, endMs: this.#clock() + passwordWaitMs });
      this.#next();
    });
  }

  /** Any of them, so that a flood does not refuse everybody who comes after it. */
  #refuseOne(jobs: readonly Job[]): void {
    const refused = jobs[Math.floor(this.#random() * jobs.length)];
    this.#waiting = this.#waiting.filter((job) => job !== refused);
    refused?.fail(overloaded());
  }

  /** Starts waiting jobs while there are slots, and looks again if the others have them all. */
  #next(): void {
    clearTimeout(this.#poll);
    this.#dropLate();
    while (this.#waiting.length > 0) {
      const known = this.#waiting.findIndex(({ place }) => place.isKnown);
      const slot = this.#takeSlot(known >= 0);
      if (slot === undefined) {
        this.#poll = setTimeout(() => this.#next(), slotPollMs);
        return;
      }
      const [job] = this.#waiting.splice(Math.max(0, known), 1);
      job?.start(slot);
    }
  }

  /** The first slot is for known browsers alone. */
  #takeSlot(isKnown: boolean): number | undefined {
    for (let index = isKnown ? 0 : 1; index < this.#slots.length; index += 1) {
      if (Atomics.compareExchange(this.#slots, index, free, this.#thread) === free) return index;
    }
    return undefined;
  }

  #dropLate(): void {
    const nowMs = this.#clock();
    const late = this.#waiting.filter(({ endMs }) => endMs <= nowMs);
    this.#waiting = this.#waiting.filter(({ endMs }) => endMs > nowMs);
    for (const { fail } of late) fail(overloaded());
  }
}

function overloaded(): UsherError {
  return new UsherError(
    'overloaded',
    'Too many people sign in at this moment. Try again in a few seconds.',
  );
}
