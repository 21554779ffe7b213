/**
 * Runs writes in order, several in one transaction, and translates LMDB's errors. If a transaction
 * fails, its writes are tried again one by one, so that each gets its own result. A long write is
 * made of steps, each at the end of a transaction of its own.
 */

import { UsherError } from '../../../domain/errors.ts';
import { keptNothing, withPartKept } from '../../kept-words.ts';
import { maxAloneMs, maxGroupMs } from '../../limits.ts';
import type { WritableEnvironment } from '../environment.ts';
import { writeFailure } from '../files/embedded-files.ts';
import { FirstLoad } from './first-load.ts';
import type { WriteSession } from './write-session.ts';

/** One step of a long write. */
export interface WriteStep<T> {
  /** `undefined` if further steps follow. */
  readonly result: T | undefined;
  /** Called once the step is on the disk. */
  readonly onCommit: () => void;
}

interface Waiting {
  /** Writes of one lane are performed in their order. Others may come between the steps of one. */
  readonly lane: string | undefined;
  /** Runs inside the transaction. If it throws, the whole transaction is aborted. */
  readonly run: () => WriteStep<unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Whether some of its steps are on the disk. */
  isBegun: boolean;
}

export class WriteQueue {
  readonly #environment: WritableEnvironment;
  readonly #session: WriteSession;
  readonly #dataFolder: string;
  readonly #waiting: Waiting[] = [];
  readonly #firstLoad: FirstLoad;
  #scheduled: NodeJS.Immediate | undefined;
  #idle: (() => void)[] = [];

  constructor(environment: WritableEnvironment, session: WriteSession, dataFolder: string) {
    this.#environment = environment;
    this.#session = session;
    this.#dataFolder = dataFolder;
    this.#firstLoad = new FirstLoad(environment, dataFolder);
  }

  /** Call it before a batch of a run is written in the run's lane. */
  noteBatch(lane: string): void {
    this.#firstLoad.noteBatch(lane);
  }

  /** Flushes what was committed, so that it survives a power cut. */
  flush(): void {
    this.#attempt(() => this.#firstLoad.end());
  }

  /** Resolves when the write is committed. Without a lane, it is on the disk then. */
  write<T>(run: () => T, lane?: string): Promise<T> {
    const step = () => ({ result: { value: run() }, onCommit: nothing });
    return this.writeInSteps(step, lane).then(({ value }) => value);
  }

  /**
   * Runs a step again and again until it has a result. Only writes of other lanes come between. A
   * step whose transaction fails runs again, so it must not note its progress before `onCommit`.
   */
  writeInSteps<T extends object>(run: () => WriteStep<T>, lane?: string): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const settle = { resolve: resolve as (result: unknown) => void, reject };
      this.#waiting.push({ run, lane, ...settle, isBegun: false });
      this.#scheduled ??= setImmediate(() => this.#drain());
    });
  }

  /** Resolves when the queue is empty. */
  idle(): Promise<void> {
    if (this.#scheduled === undefined) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #drain(): void {
    this.#scheduled = undefined;
    const group: Waiting[] = [];
    const steps: WriteStep<unknown>[] = [];
    try {
      const isLoad = this.#attempt(() => this.#firstLoad.covers(this.#waiting));
      this.#transact(() => this.#runGroup(group, steps), !isLoad);
      if (isLoad) this.#firstLoad.noteCommit();
      for (const [place, waiting] of group.entries()) {
        this.#settle(waiting, steps[place] as WriteStep<unknown>);
      }
    } catch (error) {
      // The transaction did not begin. Only the first waiting write is rejected, and the next
      // transaction tries the others, so that each write gets its own answer.
      if (group.length === 0) refuse(this.#waiting.shift(), error);
      else if (group.length === 1) refuse(group[0], error);
      else for (const waiting of group) this.#runAlone(waiting);
    }
    if (this.#waiting.length > 0) this.#scheduled = setImmediate(() => this.#drain());
    else for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Resolves the write, or lets its next step wait. */
  #settle(waiting: Waiting, { result, onCommit }: WriteStep<unknown>): void {
    onCommit();
    waiting.isBegun = true;
    if (result === undefined) this.#putBack(waiting);
    else waiting.resolve(result);
  }

  /** The next step comes before later writes of the lane, and after all others that wait. */
  #putBack(waiting: Waiting): void {
    const place = this.#waiting.findIndex(isOfLane(waiting));
    if (place < 0) this.#waiting.push(waiting);
    else this.#waiting.splice(place, 0, waiting);
  }

  #runGroup(group: Waiting[], steps: WriteStep<unknown>[]): void {
    const [first] = this.#waiting;
    const isAlone = first !== undefined && this.#waiting.every(isOfLane(first));
    this.#session.isAlone = isAlone;
    const endMs = performance.now() + (isAlone ? maxAloneMs : maxGroupMs);
    do {
      const waiting = this.#waiting.shift();
      if (waiting === undefined) return;
      group.push(waiting);
      const step = waiting.run();
      steps.push(step);
      if (step.result === undefined) return;
    } while (performance.now() < endMs);
  }

  #runAlone(waiting: Waiting): void {
    try {
      let step: WriteStep<unknown>;
      do {
        step = this.#transact(waiting.run);
        step.onCommit();
        waiting.isBegun = true;
      } while (step.result === undefined);
      waiting.resolve(step.result);
    } catch (error) {
      refuse(waiting, error);
    }
  }

  #transact<T>(run: () => T, isFlushed = true): T {
    const work = () => {
      this.#session.begin();
      const result = run();
      this.#session.end();
      return result;
    };
    return this.#attempt(() => this.#environment.transact(work, { isFlushed }));
  }

  #attempt<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof UsherError) throw error;
      const words = `The contact store could not be written. ${keptNothing} Repeat it.`;
      throw writeFailure(error, this.#dataFolder, words);
    }
  }
}

function refuse(waiting: Waiting | undefined, error: unknown): void {
  waiting?.reject(waiting.isBegun ? withPartKept(error) : error);
}

function isOfLane({ lane }: Waiting): (other: Waiting) => boolean {
  return (other) => lane !== undefined && other.lane === lane;
}

function nothing(): void {
  // A write of one step keeps no progress.
}
