/**
 * Decides which transactions need not wait for the disk: those of a run that found the store empty,
 * while nobody else writes (`files/unflushed-load.ts`).
 */
import { leastLoadBatches } from '../../limits.ts';
import type { WritableEnvironment } from '../environment.ts';
import { UnflushedLoad } from '../files/unflushed-load.ts';
import { readSuppressionNote } from './guarded-lists.ts';

/** Writes that wait; those of a run have its id as their lane. */
type Waiting = readonly { readonly lane: string | undefined }[];

export class FirstLoad {
  readonly #environment: WritableEnvironment;
  readonly #dataFolder: string;
  /** The run whose batch came last. */
  #lane: string | undefined;
  /** Whether it found the store empty, and nobody else has written since. */
  #isFirst = false;
  #batches = 0;
  #load: UnflushedLoad | undefined;

  constructor(environment: WritableEnvironment, dataFolder: string) {
    this.#environment = environment;
    this.#dataFolder = dataFolder;
  }

  /** Call it before a batch of the run waits. */
  noteBatch(lane: string): void {
    this.#batches += 1;
    if (lane === this.#lane) return;
    this.#lane = lane;
    this.#batches = 1;
    this.#isFirst = this.#load === undefined && isEmpty(this.#environment);
  }

  /**
   * Whether the next transaction need not be flushed. If it must be, everything before it is.
   * @param waiting from which the transaction takes its writes
   */
  covers(waiting: Waiting): boolean {
    if (!this.#isFirst || waiting.some(({ lane }) => lane !== this.#lane)) {
      this.end();
      return false;
    }
    if (this.#batches >= leastLoadBatches) {
      this.#load ??= UnflushedLoad.begin(this.#dataFolder);
    }
    return this.#load !== undefined;
  }

  /** Call it after a transaction that was not flushed. */
  noteCommit(): void {
    this.#load?.flushMeanwhile();
  }

  /** Flushes what is not on the disk. From here on every transaction is flushed. */
  end(): void {
    this.#isFirst = false;
    this.#load?.end();
    this.#load = undefined;
  }
}

/** Whether nothing is lost with the store but what runs do not need. */
function isEmpty({ root, meta, ...environment }: WritableEnvironment): boolean {
  root.resetReadTxn();
  const { id, rec, ids, mem, link, row, log, amend, rollback } = environment;
  const { once, gone, erase, effects } = environment;
  const all = [id, rec, ids, mem, link, row, log, amend, rollback, once, gone, erase, effects];
  const first = { start: Uint8Array.of(0), limit: 1 };
  if (all.some((database) => [...database.getRange(first)].length > 0)) return false;
  const { own, lists } = readSuppressionNote(meta);
  return own === null && lists.length === 0;
}
