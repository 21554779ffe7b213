/** The supervisor's handle of a thread that runs `lookup-thread.ts` or `writer-thread.ts`. */
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { endWork } from '../sources/end-work.ts';
import { threadEndMs } from './limits.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

export interface ServerThreadOptions {
  readonly entry: URL;
  /** The thread's name in the system. */
  readonly name: string;
  readonly data: NonNullable<WorkerOptions['workerData']>;
  readonly onMessage: (message: FromThread) => void;
  /** Called if the thread ends unasked, with the error that it threw, if any. */
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
   * Asks the thread to close, waits for its end, and terminates it after `deadlineMs`.
   * @returns `false` if it does not end even then, for example in a system call that hangs
   */
  close(deadlineMs: number): Promise<boolean> {
    this.#isClosing = true;
    return endWork(this.#ended, [
      { cancel: () => this.send({ kind: 'close' }), boundMs: deadlineMs, isOnce: true },
      { cancel: () => void this.#worker.terminate(), boundMs: threadEndMs },
    ]);
  }
}
