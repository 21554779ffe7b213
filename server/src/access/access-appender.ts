/**
 * Writes what look-up threads queue into the access log, chained and synced, four times a second.
 * It collects more often, a little each time, because look-ups may share its core. When it cannot
 * write, look-ups go on: their entries wait in the queues, and are counted as lost when those are
 * full.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { AccessEnds } from '../domain/access-end.ts';
import type { AccessHours } from '../domain/access-hours.ts';
import { accessFolder } from './access-folder.ts';
import { type AccessKeys, readAccessKeys } from './access-keys.ts';
import { AppenderState, QueueReader } from './access-queue.ts';
import { ChainWriter, noteBlock } from './chain-writer.ts';
import { RowCollector } from './entry-rows.ts';
import { ErasureSpool } from './erasure-spool.ts';
import { HourCounts } from './hour-counts.ts';
import {
  appendIntervalMs,
  collectedPerStep,
  collectIntervalMs,
  collectPauseMs,
  countIntervalMs,
  dayMs,
  hourMs,
  noteIntervalMs,
} from './limits.ts';
import { type AccessRetention, trimAccess } from './trim-access.ts';

/** Told once when it changes. Nothing of it is personal. */
export interface AccessAlarms {
  /** Entries wait: the log cannot be written. */
  failing(error: unknown): void;
  /** The log is written again. */
  recovered(): void;
  /** Looks that found no room since the last time. */
  lost(count: number): void;
  /** The end of the log was not as the last server left it. */
  broken(): void;
}

export interface AppenderOptions {
  readonly dataFolder: string;
  readonly memory: SharedArrayBuffer;
  readonly threads: number;
  readonly retention: AccessRetention;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  readonly alarms: AccessAlarms;
  /** Where the end of the log is noted, for a log that is removed. Missing: nowhere. */
  readonly ends?: AccessEnds;
  /** Where looks are counted by hour. Missing: nowhere. */
  readonly hours?: AccessHours;
}

interface OpenedLog {
  readonly keys: AccessKeys;
  readonly chain: ChainWriter;
  /** Collected for the next block of the file that `chain` is at. */
  readonly rows: RowCollector;
}

const ticksPerAppend = appendIntervalMs / collectIntervalMs;

export class AccessAppender {
  readonly #options: AppenderOptions;
  readonly #state: AppenderState;
  readonly #queues: readonly QueueReader[];
  #opened: OpenedLog | undefined;
  #erasures: ErasureSpool | undefined;
  /** The work under way: cycles follow each other. */
  #work: Promise<void> = Promise.resolve();
  #isWorking = false;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;
  #noted = { block: 0, file: 0, atMs: 0 };
  #noting: Promise<void> | undefined;
  readonly #counts = new HourCounts();
  #counting: Promise<void> | undefined;
  #countedMs = 0;
  #entries = 0;
  #lostWritten = 0;
  #lostTold = 0;
  #bytesBefore = 0;

  constructor(options: AppenderOptions) {
    const { memory, threads } = options;
    this.#options = options;
    this.#state = new AppenderState(memory);
    this.#queues = Array.from({ length: threads }, (_, row) => new QueueReader(memory, row));
  }

  /** Opens the log, and goes on to write until `close`. Never rejects: it tries again. */
  async start(): Promise<void> {
    await this.#runCycle();
    let ticks = 0;
    this.#timer = setInterval(() => {
      if (this.#isWorking) return;
      ticks += 1;
      if (ticks % ticksPerAppend === 0) void this.writeNow();
      else this.#collectSome();
    }, collectIntervalMs);
  }

  /** Resolves when everything that was queued before the call was written, or could not be. */
  async writeNow(): Promise<void> {
    await this.#work;
    this.#work = this.#runCycle();
    await this.#work;
  }

  /** Writes what is queued, and that the server stopped. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.writeNow();
    const opened = this.#opened;
    if (opened === undefined) return;
    if (!this.#hasFailed) await opened.chain.append(noteBlock('end', {})).catch(() => undefined);
    await this.#noting;
    await this.#noteEnd(opened.chain);
    await this.#counting;
    await this.#keepCounts();
    await opened.chain.close();
  }

  async #runCycle(): Promise<void> {
    this.#isWorking = true;
    try {
      await this.#cycle();
      if (this.#hasFailed) this.#options.alarms.recovered();
      this.#hasFailed = false;
      this.#state.isWriting = true;
    } catch (error) {
      if (!this.#hasFailed) this.#options.alarms.failing(error);
      this.#hasFailed = true;
      this.#state.isWriting = false;
    }
    this.#isWorking = false;
    this.#tell();
  }

  async #cycle(): Promise<void> {
    const opened = await this.#open();
    const { chain } = opened;
    await chain.flush();
    for (let isAll = false; !isAll; ) {
      isAll = await this.#collect(opened);
      await this.#writeRows(opened);
      // Only now: collected rows have the numbers of texts of their file.
      if (this.#isFileOver(chain)) await this.#nextFile(opened);
    }
    for (const queue of this.#queues) queue.noteSynced();
    await this.#erasures?.work(chain);
    this.#noting ??= this.#noteSometimes(chain)?.finally(() => {
      this.#noting = undefined;
    });
    this.#counting ??= this.#countSometimes()?.finally(() => {
      this.#counting = undefined;
    });
  }

  /** At the start, at each new file, and after a while. */
  #noteSometimes(chain: ChainWriter): Promise<void> | undefined {
    const { block, file, atMs } = this.#noted;
    const isDue = chain.end.file !== file || this.#options.clock() - atMs >= noteIntervalMs;
    return isDue && chain.end.block !== block ? this.#noteEnd(chain) : undefined;
  }

  /** The log goes on if this fails: it is tried again. */
  async #noteEnd({ end }: ChainWriter): Promise<void> {
    const { ends, clock } = this.#options;
    try {
      await ends?.noteAccessEnd(end);
      this.#noted = { ...end, atMs: clock() };
    } catch {
      // The catalog says itself why it cannot be written.
    }
  }

  #countSometimes(): Promise<void> | undefined {
    const isDue = this.#options.clock() - this.#countedMs >= countIntervalMs;
    return isDue && !this.#counts.isEmpty ? this.#keepCounts() : undefined;
  }

  /** The log goes on if this fails: the counts wait. */
  async #keepCounts(): Promise<void> {
    const nowMs = this.#options.clock();
    const counts = this.#counts.take();
    if (counts.length === 0) return;
    this.#countedMs = nowMs;
    try {
      await this.#options.hours?.addAccessHours(counts, Math.floor(nowMs / hourMs));
    } catch {
      // The catalog says itself why it cannot be written.
      this.#counts.giveBack(counts);
    }
  }

  async #open() {
    if (this.#opened !== undefined) return this.#opened;
    const { dataFolder, clock, alarms, ends } = this.#options;
    const keys = await readAccessKeys(dataFolder);
    const folder = accessFolder(dataFolder);
    const noted = await ends?.findAccessEnd();
    const chain = await ChainWriter.open({ folder, keys, clock, noted });
    if (chain.startReason === 'broken') alarms.broken();
    this.#opened = { keys, chain, rows: new RowCollector(keys) };
    this.#erasures = new ErasureSpool(folder);
    await this.#trim(keys, chain);
    return this.#opened;
  }

  /** Between two blocks. While the log cannot be written, entries wait in their queues. */
  #collectSome(): void {
    const opened = this.#opened;
    if (opened === undefined || this.#hasFailed) return;
    for (const queue of this.#queues) this.#collectStep(queue, opened);
  }

  /**
   * In short steps: where look-ups share the core, they wait for each.
   * @returns whether the queues are empty; else the rows must be written before more is collected
   */
  async #collect(opened: OpenedLog): Promise<boolean> {
    for (const queue of this.#queues) {
      while (this.#collectStep(queue, opened)) {
        if (hasNoRoom(opened)) return false;
        await delay(collectPauseMs);
      }
    }
    return true;
  }

  /** @returns whether the queue may have more */
  #collectStep(queue: QueueReader, opened: OpenedLog): boolean {
    if (hasNoRoom(opened)) return true;
    const { chain, rows } = opened;
    const most = Math.min(rows.room, collectedPerStep);
    const taken = queue.drain(most, (entry) => {
      rows.add(entry, chain.words);
      this.#counts.add(entry);
    });
    return taken === most;
  }

  async #writeRows({ chain, rows }: OpenedLog): Promise<void> {
    const lostNow = this.#lostInQueues();
    const lost = lostNow - this.#lostWritten;
    if (rows.count === 0 && lost === 0) return;
    this.#lostWritten = lostNow;
    const content = rows.take();
    this.#entries += content.entries;
    await chain.append({ kind: 'entries', words: chain.words.take(), lost, ...content });
  }

  #isFileOver(chain: ChainWriter): boolean {
    if (chain.isFull) return true;
    const { retention, clock } = this.#options;
    // Files leave as a whole: one that grew for long would keep its oldest entries too long.
    return retention.maxAgeMs !== null && clock() - chain.startedMs > dayMs;
  }

  async #nextFile({ keys, chain }: OpenedLog): Promise<void> {
    await chain.nextFile();
    await this.#trim(keys, chain);
  }

  async #trim(keys: AccessKeys, chain: ChainWriter): Promise<void> {
    const { dataFolder, retention, clock } = this.#options;
    const folder = accessFolder(dataFolder);
    const bytes = await trimAccess({ folder, keys, retention, nowMs: clock() });
    this.#bytesBefore = bytes - chain.file.bytes;
  }

  #lostInQueues(): number {
    return this.#queues.reduce((sum, queue) => sum + queue.lost, 0);
  }

  #tell(): void {
    const lost = this.#lostInQueues();
    if (lost > this.#lostTold) this.#options.alarms.lost(lost - this.#lostTold);
    this.#lostTold = lost;
    const bytes = this.#bytesBefore + (this.#opened?.chain.file.bytes ?? 0);
    this.#state.figures = { entries: this.#entries, lost, bytes };
  }
}

/** Whether the block is full, or the numbers for texts of its file run out. */
function hasNoRoom({ chain, rows }: OpenedLog): boolean {
  return rows.room === 0 || chain.words.isFull;
}
