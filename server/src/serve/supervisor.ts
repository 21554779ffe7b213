/**
 * THE SUPERVISOR: starts the writer thread and the look-up threads, opens the port when the limiter's first second is over
 * and the store was read once, replaces a thread that dies, and drains everything when told to close. It serves
 * nothing itself: `lookup-thread.ts` serves, `writer-thread.ts` owns the store's writer.
 */
import type { FieldRead, TokenUse } from '../catalog/catalog.ts';
import { type ProblemCode, UsherError } from '../domain/errors.ts';
import {
  allocateFailedAuthenticationMemory,
  FailedAuthenticationLimiter,
} from '../domain/failed-authentication.ts';
import { allocateRateLimitMemory, RateLimiter } from '../domain/rate-limit.ts';
import type { Log } from '../observe/log.ts';
import { monotonicMs } from '../observe/monotonic-clock.ts';
import { allocateCounters } from '../observe/request-counters.ts';
import type { Settings } from '../settings/settings.ts';
import { requireFreePort } from './require-free-port.ts';
import { ServerThread } from './server-thread.ts';
import {
  type FromThread,
  type LookupThreadData,
  type SharedMemory,
  serverStates,
  writerThreadName,
} from './thread-messages.ts';

export interface SupervisorOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** Reads the store's data once, so that the first look-ups need not wait for the disk. */
  readonly preRead: () => Promise<void>;
  readonly recordLastUsed: (uses: readonly TokenUse[]) => Promise<void>;
  readonly recordFieldReads: (reads: readonly FieldRead[]) => Promise<void>;
}

/** The supervisor's own number in locks; threads count up from 2. */
const supervisorThread = 1;

/** Load balancers that ask each second see that we are not ready before a connection is refused. */
const unreadyMs = 1_500;
/** 1.5 s unready, 6 s for what is under way and 1.5 s for the writer stay below the promised 10 s. */
const lookupCloseMs = 6_000;
const writerCloseMs = 1_500;

/** A thread that dies again and again is restarted no faster than twice a second. */
const restartPauseMs = 500;

interface LookupThread {
  readonly thread: ServerThread;
  readonly loaded: Promise<void>;
  readonly number: number;
  readonly startedMs: number;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #memory: SharedMemory;
  readonly #state: Int32Array;
  readonly #limiter: RateLimiter;
  readonly #failedAuthentication: FailedAuthenticationLimiter;
  readonly #lookups = new Map<number, LookupThread>();
  #writer: ServerThread | undefined;
  #nextThread = supervisorThread + 1;
  #port = 0;
  #isClosing = false;
  #portOpened: (port: number) => void = () => {};
  #fail: (error: Error) => void = () => {};
  /** Rejects when the server cannot go on. */
  readonly failed: Promise<never>;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#memory = {
      state: new SharedArrayBuffer(4),
      rateLimit: allocateRateLimitMemory(monotonicMs()),
      failedAuthentication: allocateFailedAuthenticationMemory(),
      counters: allocateCounters({ rows: options.settings.workers }),
    };
    this.#state = new Int32Array(this.#memory.state);
    const common = { thread: supervisorThread, clock: monotonicMs };
    this.#limiter = new RateLimiter({ ...common, memory: this.#memory.rateLimit });
    this.#failedAuthentication = new FailedAuthenticationLimiter({
      ...common,
      memory: this.#memory.failedAuthentication,
    });
    this.failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    // Whoever awaits a step of the start is told; when nobody does, a later failure was logged.
    this.failed.catch(() => {});
  }

  /** Resolves with the port when `/readyz` is green; rejects when the server cannot start. */
  async start(): Promise<number> {
    const { settings, preRead } = this.#options;
    await this.#orFailed(this.#startWriter());
    const isRead = preRead();
    const rows = Array.from({ length: settings.workers }, (_, row) => row);
    for (const row of rows) this.#startLookup(row);
    const loaded = [...this.#lookups.values()].map((lookup) => lookup.loaded);
    await this.#orFailed(Promise.all([isRead, ...loaded, pause(this.#limiter.silenceMs())]));
    await requireFreePort(settings.host, settings.port);
    if (settings.metricsPort !== null) await requireFreePort(settings.host, settings.metricsPort);
    // The first thread chooses the port where none was named; the others join it.
    this.#port = await this.#orFailed(this.#listen(0, settings.port));
    for (const row of rows.slice(1)) await this.#orFailed(this.#listen(row, this.#port));
    Atomics.store(this.#state, 0, serverStates.ready);
    return this.#port;
  }

  /** Readiness fails, then no connection is accepted, then what is left is answered; within 10 s. Twice is once. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    const wasReady = Atomics.exchange(this.#state, 0, serverStates.draining) === serverStates.ready;
    const threads = [...this.#lookups.values()].map(({ thread }) => thread);
    for (const thread of threads) thread.send({ kind: 'drain' });
    if (wasReady) await pause(unreadyMs);
    await Promise.all(threads.map((thread) => thread.close(lookupCloseMs)));
    await this.#writer?.close(writerCloseMs);
  }

  #orFailed<T>(step: Promise<T>): Promise<T> {
    return Promise.race([step, this.failed]);
  }

  #startWriter(): Promise<void> {
    return new Promise((resolve) => {
      this.#writer = new ServerThread({
        entry: new URL('./writer-thread.ts', import.meta.url),
        name: writerThreadName,
        data: { settings: this.#options.settings },
        onMessage: (message) => {
          if (message.kind === 'loaded') resolve();
          else this.#hear(message);
        },
        onDeath: (error) => {
          this.#options.log.error({ error }, 'the writer thread died and is started anew');
          setTimeout(() => void this.#startWriter(), restartPauseMs);
        },
      });
    });
  }

  #startLookup(row: number): void {
    const number = this.#nextThread++;
    const data: LookupThreadData = {
      settings: this.#options.settings,
      memory: this.#memory,
      thread: number,
      row,
    };
    let isLoaded: () => void = () => {};
    const loaded = new Promise<void>((resolve) => {
      isLoaded = resolve;
    });
    const thread = new ServerThread({
      entry: new URL('./lookup-thread.ts', import.meta.url),
      name: `usher-lookup-${row + 1}`,
      data,
      onMessage: (message) => {
        if (message.kind === 'loaded') isLoaded();
        else this.#hear(message);
      },
      onDeath: (error) => this.#replaceLookup(row, error),
    });
    this.#lookups.set(row, { thread, loaded, number, startedMs: monotonicMs() });
  }

  #hear(message: FromThread): void {
    if (message.kind === 'listening') this.#portOpened(message.port);
    if (message.kind === 'failed') {
      this.#fail(new UsherError(message.code as ProblemCode, message.detail));
    }
    if (message.kind !== 'used') return;
    const { recordLastUsed, recordFieldReads, log } = this.#options;
    recordLastUsed(message.uses).catch((error: unknown) => {
      log.warn({ error }, 'last-used times of tokens were not written');
    });
    if (message.reads.length === 0) return;
    recordFieldReads(message.reads).catch((error: unknown) => {
      log.warn({ error }, 'which fields tokens read was not written');
    });
  }

  #listen(row: number, port: number): Promise<number> {
    return new Promise((resolve) => {
      this.#portOpened = resolve;
      this.#lookups.get(row)?.thread.send({ kind: 'listen', port });
    });
  }

  #replaceLookup(row: number, error: unknown): void {
    const dead = this.#lookups.get(row);
    if (this.#isClosing || dead === undefined) return;
    if (Atomics.load(this.#state, 0) === serverStates.starting) {
      // It would die again: whoever starts the server is to see why.
      this.#fail(error instanceof Error ? error : new Error('a look-up thread ended'));
      return;
    }
    this.#options.log.error({ error, row }, 'a look-up thread died and is replaced');
    this.#limiter.releaseThread(dead.number);
    this.#failedAuthentication.releaseThread(dead.number);
    const isYoung = monotonicMs() - dead.startedMs < restartPauseMs;
    setTimeout(() => void this.#restartLookup(row), isYoung ? restartPauseMs : 0);
  }

  async #restartLookup(row: number): Promise<void> {
    if (this.#isClosing) return;
    this.#startLookup(row);
    await this.#lookups.get(row)?.loaded;
    this.#lookups.get(row)?.thread.send({ kind: 'listen', port: this.#port });
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
