/**
 * One connection of the engine and the statements that it is busy with, so that it can be ended at
 * any moment. The engine itself offers less: an interrupt is lost on a statement that has not
 * begun, and a connection that is closed while it works waits for itself for ever.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { UsherError } from '../domain/errors.ts';
import { endWork } from './end-work.ts';
import { engineEndMs } from './limits.ts';

export class EngineConnection {
  readonly #connection: DuckDBConnection;
  readonly #running = new Set<Promise<unknown>>();
  #isStopped = false;
  #ended: Promise<void> | undefined;

  constructor(connection: DuckDBConnection) {
    this.#connection = connection;
  }

  /** Of the statement that runs, in percent; -1 when the engine cannot tell. */
  get progress(): number {
    return this.#connection.progress.percentage;
  }

  /** Does `work` with the connection. @throws UsherError when the connection was stopped before */
  async use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    if (this.#isStopped) throw new UsherError('internal', 'The workbench is closed.');
    const running = work(this.#connection);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /**
   * Takes no more work, and interrupts what runs until that has ended. Twice is once.
   * @returns `false` when something has outlived its bound, and runs on
   */
  async stop(): Promise<boolean> {
    this.#isStopped = true;
    if (this.#running.size === 0) return true;
    const cancel = () => this.#connection.interrupt();
    return endWork(Promise.allSettled(this.#running), [{ cancel, boundMs: engineEndMs }]);
  }

  /**
   * Stops and closes. Twice is once.
   * @throws UsherError `internal` when a statement does not end; the connection then stays open,
   * since closing it would stop this thread
   */
  close(): Promise<void> {
    this.#ended ??= this.#close();
    return this.#ended;
  }

  async #close(): Promise<void> {
    const isStopped = await this.stop();
    if (!isStopped) throw new UsherError('internal', 'A statement of the engine does not end.');
    this.#connection.closeSync();
  }
}
