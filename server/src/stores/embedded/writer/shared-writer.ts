/**
 * The writer that the rest of Usher uses. It writes if this process gets the writer lock; otherwise
 * it is a client of the process that has it. If that process dies, this writer takes over or finds
 * the next one, and sends its open calls again: repeating a call changes nothing.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { UsherError } from '../../../domain/errors.ts';
import { writerFailoverMs, writerRetryMs } from '../../limits.ts';
import type { ContactWriter } from '../../store.ts';
import { openForWriting, type WritableEnvironment } from '../environment.ts';
import { takeWriterLock } from '../store-locks.ts';
import type { LeaseHolder } from './run-leases.ts';
import { writerSocketPath } from './socket-path.ts';
import type { WriteSources } from './write-session.ts';
import {
  type CallArguments,
  type CallName,
  type CallResult,
  type CallTarget,
  callsOf,
} from './writer-calls.ts';
import { WriterClient, WriterGone } from './writer-client.ts';
import { WriterHolder } from './writer-holder.ts';

/** A writer of a store that several processes share. One of them writes; the others send to it. */
export interface SharedWriter extends ContactWriter {
  /** Whether this process writes (`holder`) or sends to the one that does (`client`). */
  role(): Promise<'holder' | 'client'>;
}

interface Options {
  readonly holder: LeaseHolder;
  readonly sources: WriteSources;
  /** `false`: always a client of the writing process; this process does not open the store. */
  readonly mayHold?: boolean;
  /** How long a call waits for another writer when its own is gone; infinity: for ever. */
  readonly failoverMs?: number;
}

/** Resolves when this process writes, or is connected to the one that does. */
export async function openSharedWriter(
  dataFolder: string,
  options: Options,
): Promise<SharedWriter> {
  const writer = await EmbeddedContactWriter.open(dataFolder, options);
  return { ...callsOf(writer), role: () => writer.role(), close: () => writer.close() };
}

class EmbeddedContactWriter implements CallTarget {
  readonly #dataFolder: string;
  readonly #socketPath: string;
  readonly #holder: LeaseHolder;
  readonly #sources: WriteSources;
  readonly #mayHold: boolean;
  readonly #failoverMs: number;
  /** Open in both roles: all handles of a process share one mode, and a client may write later. */
  #environment: WritableEnvironment | undefined;
  #writer: Promise<CallTarget> | undefined;
  #isClosed = false;
  /** Ends the wait for a process that does not answer. */
  readonly #closing = new AbortController();

  static async open(dataFolder: string, options: Options): Promise<EmbeddedContactWriter> {
    const writer = new EmbeddedContactWriter(dataFolder, options);
    try {
      await writer.#findWithin(performance.now() + writer.#failoverMs);
    } catch (error) {
      await writer.close();
      throw error;
    }
    return writer;
  }

  private constructor(dataFolder: string, options: Options) {
    const { holder, sources, mayHold = true, failoverMs = writerFailoverMs } = options;
    this.#mayHold = mayHold;
    this.#failoverMs = failoverMs;
    this.#dataFolder = dataFolder;
    this.#socketPath = writerSocketPath(dataFolder);
    this.#holder = holder;
    this.#sources = sources;
  }

  /** Waits until this process is the holder or a client. */
  async role(): Promise<'holder' | 'client'> {
    return (await this.#find()) instanceof WriterHolder ? 'holder' : 'client';
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#closing.abort();
    const writer = await this.#writer?.catch(() => undefined);
    await writer?.close();
    if (!(writer instanceof WriterHolder)) await this.#environment?.close();
  }

  async call<Name extends CallName>(
    name: Name,
    args: CallArguments<Name>,
  ): Promise<CallResult<Name>> {
    let deadlineMs = performance.now() + this.#failoverMs;
    for (;;) {
      const writer = await this.#findWithin(deadlineMs);
      const startMs = performance.now();
      try {
        return await writer.call(name, args);
      } catch (error) {
        if (!(error instanceof WriterGone)) throw error;
        // The limit is for finding a writer: the time that the call itself took does not count.
        deadlineMs += performance.now() - startMs;
      }
    }
  }

  async #findWithin(deadlineMs: number): Promise<CallTarget> {
    const leftMs = deadlineMs - performance.now();
    if (leftMs <= 0) throw noWriter(this.#failoverMs);
    if (leftMs === Number.POSITIVE_INFINITY) return this.#find();
    const timeout = new AbortController();
    const late = delay(leftMs, undefined, { signal: timeout.signal }).then(() => {
      throw noWriter(this.#failoverMs);
    });
    try {
      return await Promise.race([this.#find(), late]);
    } finally {
      timeout.abort();
      late.catch(() => undefined);
    }
  }

  #find(): Promise<CallTarget> {
    if (this.#isClosed) return Promise.reject(closedWriter());
    this.#writer ??= this.#takePlace().catch((error: unknown) => {
      this.#writer = undefined;
      throw error;
    });
    return this.#writer;
  }

  async #takePlace(): Promise<CallTarget> {
    while (!this.#isClosed) {
      const holder = this.#mayHold ? await this.#tryToHold() : undefined;
      if (holder !== undefined) return holder;
      const client = await this.#tryToConnect();
      if (client !== undefined) return client;
      await delay(writerRetryMs);
    }
    throw closedWriter();
  }

  async #tryToHold(): Promise<WriterHolder | undefined> {
    const lock = takeWriterLock(this.#dataFolder);
    if (lock === undefined) return undefined;
    try {
      this.#environment ??= openForWriting(this.#dataFolder);
      return await WriterHolder.open({
        dataFolder: this.#dataFolder,
        socketPath: this.#socketPath,
        environment: this.#environment,
        lock,
        holder: this.#holder,
        sources: this.#sources,
      });
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  async #tryToConnect(): Promise<WriterClient | undefined> {
    try {
      const client = await WriterClient.connect(this.#socketPath, this.#holder, {
        onGone: () => this.#lose(),
        signal: this.#closing.signal,
      });
      // The store exists now: the holder makes it before it listens.
      if (this.#mayHold) this.#environment ??= openForWriting(this.#dataFolder);
      return client;
    } catch (error) {
      if (error instanceof WriterGone) return undefined;
      throw error;
    }
  }

  /** The holder is gone. Take its place even if this process has nothing to write now. */
  #lose(): void {
    this.#writer = undefined;
    if (!this.#isClosed) this.#find().catch(() => undefined);
  }
}

function noWriter(waitedMs: number): UsherError {
  return new UsherError(
    'store_unavailable',
    `No process that writes the contact store answered within ${waitedMs / 1000} s. If the store is being compacted, wait until that ends. If the process that writes it hangs, stop it.`,
  );
}

function closedWriter(): UsherError {
  return new UsherError('store_unavailable', 'The writer is closed.');
}
