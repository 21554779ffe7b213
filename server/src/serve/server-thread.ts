/**
 * One worker thread seen from the supervisor: messages out, messages in, and its death told once.
 * What the thread does is in `lookup-thread.ts` and `writer-thread.ts`.
 */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { endWork } from '../sources/end-work.ts';
import { threadEndMs } from './limits.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

export interface ServerThreadOptions {
  readonly entry: URL;
  /** Shown by the system as the thread's name. */
  readonly name: string;
  readonly data: NonNullable<WorkerOptions['workerData']>;
  readonly onMessage: (message: FromThread) => void;
  /** The thread ended without having been told to. `error`: what it threw, when it threw. */
  readonly onDeath: (error: unknown) => void;
}

export class ServerThread {
  readonly #worker: Worker;
  #isClosing = false;
  readonly #ended: Promise<void>;

  constructor(options: ServerThreadOptions) {
    this.#worker = new Worker(options.entry, { name: options.name, workerData: options.data });
    let error: unknown;
    this.#worker.on('error', (thrown) => {
      error = thrown;
    });
    this.#worker.on('message', options.onMessage);
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        resolve();
        if (!this.#isClosing) options.onDeath(error);
      });
    });
  }

  send(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  /**
   * Tells the thread to close and waits for its end; after `deadlineMs` it is stopped where it is.
   * @returns `false` when it does not end even then, as in a call of the system that does not
   *   return
   */
  close(deadlineMs: number): Promise<boolean> {
    this.#isClosing = true;
    return endWork(this.#ended, [
      { cancel: () => this.send({ kind: 'close' }), boundMs: deadlineMs, isOnce: true },
      { cancel: () => void this.#worker.terminate(), boundMs: threadEndMs },
    ]);
  }
}
