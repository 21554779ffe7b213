/**
 * One connection to DuckDB that can be stopped at any moment. DuckDB loses an interrupt when no
 * statement runs yet, and blocks for ever when a busy connection is closed.
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

  /** Progress of the running statement in percent; -1 when unknown. */
  get progress(): number {
    return this.#connection.progress.percentage;
  }

  /**
   * Runs `work` on the connection.
   * @throws UsherError `internal` after `stop`
   */
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
   * Refuses new work and interrupts the running work until it ends. A second call is harmless.
   * @returns `false` when some work has not ended within `engineEndMs`
   */
  async stop(): Promise<boolean> {
    this.#isStopped = true;
    if (this.#running.size === 0) return true;
    const cancel = () => this.#connection.interrupt();
    return endWork(Promise.allSettled(this.#running), [{ cancel, boundMs: engineEndMs }]);
  }

  /**
   * Stops and closes. A second call is harmless.
   * @throws UsherError `internal` when a statement does not end. The connection stays open then,
   *   because closing it would block this thread.
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
