/**
 * The supervisor: starts the writer thread and the look-up threads, and opens the port once the
 * limiter grants units and the store was read. It replaces threads that die, and drains
 * everything when it is told to close. It serves no request itself.
 *
 * It starts once and stops once. When it is told to close, it stops waiting and starts no more
 * threads.
 */
import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { FieldRead, PushedRows, TokenUse } from '../catalog/catalog.ts';
import { type ProblemCode, UsherError } from '../domain/errors.ts';
import { allocateRateLimitMemory, RateLimiter } from '../domain/rate-limit.ts';
import {
  allocateFailedAuthenticationMemory,
  FailedAuthenticationLimiter,
} from '../domain/token/failed-authentication.ts';
import { allocateCoreSharing } from '../http/connection/core-sharing.ts';
import { allocateStreamCounts } from '../http/events/stream-counts.ts';
import type { Log } from '../observe/log.ts';
import { monotonicMs } from '../observe/monotonic-clock.ts';
import { allocateCounters } from '../observe/request-counters.ts';
import type { Settings } from '../settings/settings.ts';
import { allocatePasswordSlots, releasePasswordSlots } from '../users/password-work.ts';
import {
  lookupCloseMs,
  restartPauseMs,
  settleMs,
  unreadyMs,
  watchedMs,
  writerCloseMs,
} from './limits.ts';
import { requireFreePort } from './require-free-port.ts';
import { type ServerPart, startThread, startWriterProcess } from './server-part.ts';
import {
  type FromThread,
  type LookupThreadData,
  type SharedMemory,
  serverStates,
  writerThreadName,
} from './thread-messages.ts';
import type { ToldUsage } from './usage-recorder.ts';
import { findWriterPlace, remind } from './writer-place.ts';

export interface SupervisorOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** Since when, on the monotonic clock, no server of the folder has granted anything. */
  readonly silentSinceMs: number;
  /** Reads the store once, so that first look-ups do not wait for the disk. Ends early on abort. */
  readonly preRead: (stop: AbortSignal) => Promise<void>;
  /** Called now and then while the writer waits for another process. */
  readonly onWaiting: (detail: string) => void;
  readonly recordLastUsed: (uses: readonly TokenUse[]) => Promise<void>;
  /** The queues of the access log; `null` if it is off. */
  readonly access: SharedArrayBuffer | null;
  /** The counters by token (`observe/usage-counters.ts`). */
  readonly usage: SharedArrayBuffer;
  readonly noteUsage: (told: ToldUsage) => void;
  readonly recordFieldReads: (reads: readonly FieldRead[]) => Promise<void>;
  readonly recordPushes: (pushes: readonly PushedRows[]) => Promise<void>;
}

/** The supervisor's number in locks; threads count up from 2. */
const supervisorThread = 1;

interface LookupThread {
  readonly thread: ServerPart;
  readonly loaded: Promise<void>;
  readonly rehearsed: Promise<void>;
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
  #writer: ServerPart | undefined;
  #isStoreOpen = false;
  /** Whether the writer is a process of its own. */
  #isWriterApart = false;
  #nextThread = supervisorThread + 1;
  #port = 0;
  /** Aborted when the server is told to stop. */
  readonly #stop = new AbortController();
  readonly #stopped = Promise.withResolvers<never>();
  readonly #failure = Promise.withResolvers<never>();
  readonly #writing = Promise.withResolvers<void>();
  #closed: Promise<boolean> | undefined;
  #portOpened: (port: number) => void = () => {};
  /** Rejects when the server cannot go on. */
  readonly failed = this.#failure.promise;
  /** Resolves when the server accepts writes, perhaps long after it answers look-ups. */
  readonly writes = this.#writing.promise;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#memory = {
      state: new SharedArrayBuffer(4),
      readinessAsked: new SharedArrayBuffer(8),
      rateLimit: allocateRateLimitMemory(options.silentSinceMs),
      failedAuthentication: allocateFailedAuthenticationMemory(),
      counters: allocateCounters({ rows: options.settings.workers }),
      access: options.access,
      passwords: allocatePasswordSlots(),
      usage: options.usage,
      streams: allocateStreamCounts({ rows: options.settings.workers }),
      coreSharing: allocateCoreSharing(options.settings.workers, availableParallelism()),
    };
    this.#state = new Int32Array(this.#memory.state);
    const common = { thread: supervisorThread, clock: monotonicMs };
    this.#limiter = new RateLimiter({ ...common, memory: this.#memory.rateLimit });
    this.#failedAuthentication = new FailedAuthenticationLimiter({
      ...common,
      memory: this.#memory.failedAuthentication,
    });
    // Prevents unhandled rejections; callers that await them still get the error.
    this.failed.catch(() => {});
    this.#stopped.promise.catch(() => {});
  }

  /**
   * Resolves with the port when `/readyz` answers 200. Rejects when the server cannot start, or
   * with the reason of `#stop` when `close` is called meanwhile.
   */
  async start(): Promise<number> {
    const { settings, preRead, log } = this.#options;
    log.debug({}, 'the threads start');
    const rows = Array.from({ length: settings.workers }, (_, row) => row);
    // They load their code while the writer opens the store.
    for (const row of rows) this.#startLookup(row);
    await this.#orStopped(this.#placeWriter());
    log.debug({}, 'the store is open');
    this.#isStoreOpen = true;
    for (const { thread } of this.#lookups.values()) thread.send({ kind: 'open' });
    const isRead = preRead(this.#stop.signal);
    const isSilent = this.#pause(this.#limiter.silenceMs());
    await this.#orStopped(Promise.all([isRead, this.#rehearsed(), isSilent]));
    log.debug({}, 'the look-up threads are loaded');
    await this.#orStopped(requireFreePort(settings.host, settings.port));
    if (settings.metricsPort !== null) {
      await this.#orStopped(requireFreePort(settings.host, settings.metricsPort));
    }
    // If no port is named, the first thread chooses one and the others join it.
    this.#port = await this.#orStopped(this.#listen(0, settings.port));
    log.debug({}, 'the first thread listens');
    for (const row of rows.slice(1)) await this.#orStopped(this.#listen(row, this.#port));
    Atomics.store(this.#state, 0, serverStates.ready);
    return this.#port;
  }

  /**
   * Rehearsals need memory, time and file handles, so they wait until all threads have what they
   * need. A thread that replaces another one does not rehearse: look-ups wait for it.
   */
  async #rehearsed(): Promise<void> {
    const lookups = [...this.#lookups.values()];
    await Promise.all(lookups.map(({ loaded }) => loaded));
    for (const { thread } of lookups) thread.send({ kind: 'rehearse' });
    await Promise.all(lookups.map(({ rehearsed }) => rehearsed));
  }

  /**
   * Fails readiness, refuses connections, then answers what is left, within 10 s.
   * @returns whether every thread has ended
   */
  close(): Promise<boolean> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<boolean> {
    // No thread is started after this.
    this.#options.log.debug({}, 'the server is told to stop');
    const reason = new Error('The server was told to stop.');
    this.#stop.abort(reason);
    this.#stopped.reject(reason);
    const wasReady = Atomics.exchange(this.#state, 0, serverStates.draining) === serverStates.ready;
    const threads = [...this.#lookups.values()].map(({ thread }) => thread);
    for (const thread of threads) thread.send({ kind: 'drain' });
    if (wasReady) await delay(this.#isBalanced() ? unreadyMs : settleMs);
    const areClosed = await Promise.all(threads.map((thread) => thread.close(lookupCloseMs)));
    const isWriterClosed = await (this.#writer?.close(writerCloseMs) ?? true);
    if (isWriterClosed && areClosed.every((isClosed) => isClosed)) return true;
    this.#options.log.error({}, 'a thread did not end in time; it ends with the process');
    return false;
  }

  /** Whether somebody, such as a load balancer, watches if the server is ready. */
  #isBalanced(): boolean {
    const [askedMs = 0] = new Float64Array(this.#memory.readinessAsked);
    return askedMs > 0 && monotonicMs() - askedMs < watchedMs;
  }

  /** `step`, but it rejects at once when the server fails or is told to stop. */
  #orStopped<T>(step: Promise<T>): Promise<T> {
    step.catch(() => undefined);
    return Promise.race([step, this.failed, this.#stopped.promise]);
  }

  /** Ends early when the server is told to stop. */
  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  /** Resolves when the store can be read. If the writer waits longer, `writes` resolves later. */
  async #placeWriter(): Promise<void> {
    const { settings, onWaiting, log } = this.#options;
    const stop = this.#stop.signal;
    const waiting = await findWriterPlace({ settings, stop, onWaiting });
    stop.throwIfAborted();
    this.#isWriterApart = waiting !== undefined;
    const started = this.#startWriter();
    if (waiting === undefined) return started;
    const reminder = remind(onWaiting, waiting);
    stop.addEventListener('abort', () => reminder.end());
    void this.writes.then(() => {
      reminder.end();
      log.info({}, 'the writer has the store: writes are accepted');
    });
  }

  /**
   * A process has the store open either for reading or for writing. So if this one already reads,
   * the writer is another process.
   */
  #startWriter(): Promise<void> {
    const { settings, log } = this.#options;
    return new Promise((resolve) => {
      const heard = {
        onMessage: (message: FromThread) => {
          // Look-ups go on without a writer; it ends and is started again.
          if (message.kind === 'failed' && this.#isWriterApart) {
            const { code, detail } = message;
            log.error({ code, detail }, 'the writer cannot open the store');
            return;
          }
          if (message.kind !== 'loaded') return this.#hear(message);
          this.#writing.resolve();
          resolve();
        },
        onDeath: (error: unknown) => void this.#replaceWriter(error),
      };
      if (this.#isWriterApart) {
        this.#writer = startWriterProcess(settings.dataFolder, heard);
        return;
      }
      const entry = new URL('./writer-thread.ts', import.meta.url);
      const thread = { entry, name: writerThreadName, data: { settings } };
      this.#writer = startThread({ ...thread, ...heard });
    });
  }

  async #replaceWriter(error: unknown): Promise<void> {
    this.#options.log.error({ error }, 'the writer died and is restarted');
    await this.#pause(restartPauseMs);
    if (!this.#stop.signal.aborted) void this.#startWriter();
  }

  #startLookup(row: number): void {
    const number = this.#nextThread++;
    const { settings } = this.#options;
    const data: LookupThreadData = { settings, memory: this.#memory, thread: number, row };
    const loaded = Promise.withResolvers<void>();
    const rehearsed = Promise.withResolvers<void>();
    const thread = startThread({
      entry: new URL('./lookup-thread.ts', import.meta.url),
      name: `usher-lookup-${row + 1}`,
      data,
      onMessage: (message) => {
        if (message.kind === 'loaded') loaded.resolve();
        else if (message.kind === 'rehearsed') rehearsed.resolve();
        else this.#hear(message);
      },
      onDeath: (error) => this.#replaceLookup(row, error),
    });
    const startedMs = monotonicMs();
    const told = { loaded: loaded.promise, rehearsed: rehearsed.promise };
    this.#lookups.set(row, { thread, ...told, number, startedMs });
    if (this.#isStoreOpen) thread.send({ kind: 'open' });
  }

  #hear(message: FromThread): void {
    if (message.kind === 'listening') this.#portOpened(message.port);
    if (message.kind === 'failed') {
      this.#failure.reject(new UsherError(message.code as ProblemCode, message.detail));
    }
    if (message.kind !== 'used') return;
    const { recordLastUsed, recordFieldReads, recordPushes, noteUsage, log } = this.#options;
    noteUsage(message.usage);
    recordLastUsed(message.uses).catch((error: unknown) => {
      log.warn({ error }, 'last-used times of tokens were not written');
    });
    recordPushes(message.pushes).catch((error: unknown) => {
      log.warn({ error }, 'the counts of pushed rows were not written');
    });
    if (message.reads.length === 0) return;
    recordFieldReads(message.reads).catch((error: unknown) => {
      log.warn({ error }, 'the fields that tokens read were not written');
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
    if (this.#stop.signal.aborted || dead === undefined) return;
    if (Atomics.load(this.#state, 0) === serverStates.starting) {
      // It would die again, and the person who starts the server should see why.
      this.#failure.reject(error instanceof Error ? error : new Error('a look-up thread ended'));
      return;
    }
    this.#options.log.error({ error, row }, 'a look-up thread died and is replaced');
    this.#limiter.releaseThread(dead.number);
    this.#failedAuthentication.releaseThread(dead.number);
    releasePasswordSlots(this.#memory.passwords, dead.number);
    const isYoung = monotonicMs() - dead.startedMs < restartPauseMs;
    void this.#restartLookup(row, isYoung ? restartPauseMs : 0);
  }

  async #restartLookup(row: number, pauseMs: number): Promise<void> {
    await this.#pause(pauseMs);
    if (this.#stop.signal.aborted) return;
    this.#startLookup(row);
    const started = this.#lookups.get(row);
    await started?.loaded;
    if (!this.#stop.signal.aborted) started?.thread.send({ kind: 'listen', port: this.#port });
  }
}
