/**
 * The workbench: a confined DuckDB in memory that reads and compares a source. Its messages quote
 * rows and statements, so they are never passed on.
 */
import { rm } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { UsherError } from '../domain/errors.ts';
import { joinTexts } from './chunk-texts.ts';
import { mebibytes, openConfined } from './confined-engine.ts';
import { EngineConnection } from './engine-connection.ts';
import { engineFailure } from './engine-failure.ts';
import { workbenchMemoryBytes, workbenchSpillBytes } from './limits.ts';

export { sqlText } from './sql-text.ts';

export interface WorkbenchOptions {
  /** Created here and removed by `close`. */
  readonly folder: string;
  /** Other files and folders that it may read and write. */
  readonly allowedPaths: readonly string[];
  readonly allowedFolders: readonly string[];
  readonly threads: number;
  /** By default `workbenchMemoryBytes`. */
  readonly memoryBytes?: number;
  /** SET statements. Afterwards the settings are locked. */
  readonly settings?: readonly string[];
  /** When it fires, running statements end and later ones fail, both with the signal's reason. */
  readonly interrupted?: AbortSignal;
}

export type Cell = string | number | bigint | boolean | null | Uint8Array;

export interface EngineBounds {
  /** Of the workbench's memory, 0 to 1. */
  readonly memoryShare?: number;
  /** No more than the workbench has. */
  readonly threads?: number;
}

/** Statements on one connection: they run one after the other. */
export interface Statements {
  run(sql: string): Promise<void>;
  /** For small results, which are held in memory. */
  rows(sql: string): Promise<readonly (readonly Cell[])[]>;
}

export interface Workbench extends Statements {
  /** For files that last as long as the workbench. */
  readonly folder: string;
  /** The engine's version: hashes differ between versions. */
  readonly engine: string;
  /**
   * Runs `work` on a connection of its own, in parallel with other statements.
   * @example await workbench.beside(({ run }) => run('CREATE TABLE keys AS SELECT c0 FROM rows'));
   */
  beside<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  /**
   * Streams one column of non-null texts as UTF-8, joined without a separator. A buffer holds
   * several hundred whole texts, and may be kept.
   */
  bytes(sql: string): AsyncGenerator<Buffer>;
  /**
   * Adds rows to a table of BIGINT (numbers) and VARCHAR (texts, null) columns. Does not wait for
   * `run`.
   */
  append(table: string, rows: readonly (readonly (number | string | null)[])[]): Promise<void>;
  /**
   * Runs `work` while the engine may use no more than this, on all connections.
   * @throws MemoryExceeded when `work` needs more memory
   */
  within<T>(bounds: EngineBounds, work: () => Promise<T>): Promise<T>;
  /** Progress of the statement that `run` executes, 0 to 1; 0 when unknown. */
  progress(): number;
  /**
   * Ends running and waiting statements, refuses later ones and removes the folder. A second call
   * returns the same promise.
   */
  close(): Promise<void>;
}

/** @throws UsherError `storage_full` */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { memoryBytes = workbenchMemoryBytes, settings = [] } = options;
  const { instance, connection } = await openConfined({
    spillBytes: workbenchSpillBytes,
    ...options,
    memoryBytes,
    settings: [...settings, "SET allowed_configs = ['memory_limit', 'threads']"],
  });
  const version = await connection.runAndReadAll('SELECT version()');
  const appending = await instance.connect();
  const engine = String(version.getRows()[0]?.[0]);
  const connections = { instance, main: connection, appending };
  return new DuckDBWorkbench({ ...options, memoryBytes }, engine, connections);
}

interface Connections {
  readonly instance: DuckDBInstance;
  readonly main: DuckDBConnection;
  /** Separate, because a connection runs one statement at a time. */
  readonly appending: DuckDBConnection;
}

interface Bounds {
  readonly memoryBytes: number;
  readonly threads: number;
}

class DuckDBWorkbench implements Workbench {
  readonly folder: string;
  readonly engine: string;
  readonly run: Statements['run'];
  readonly rows: Statements['rows'];
  readonly #instance: DuckDBInstance;
  readonly #main: EngineConnection;
  readonly #appending: EngineConnection;
  /** All connections, those of `beside` included. */
  readonly #open: Set<EngineConnection>;
  readonly #memoryBytes: number;
  readonly #threads: number;
  readonly #interrupted: AbortSignal | undefined;
  readonly #onAbort = () => void this.#stop();
  #isStopped = false;
  #closed: Promise<void> | undefined;

  constructor(options: WorkbenchOptions & Bounds, engine: string, connections: Connections) {
    this.folder = options.folder;
    this.engine = engine;
    this.#memoryBytes = options.memoryBytes;
    this.#threads = options.threads;
    this.#instance = connections.instance;
    this.#main = new EngineConnection(connections.main);
    this.#appending = new EngineConnection(connections.appending);
    this.#open = new Set([this.#main, this.#appending]);
    const { run, rows } = this.#statements(this.#main);
    this.run = run;
    this.rows = rows;
    this.#interrupted = options.interrupted;
    this.#interrupted?.addEventListener('abort', this.#onAbort, { once: true });
    if (this.#interrupted?.aborted === true) this.#onAbort();
  }

  async beside<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const connection = await this.#connect();
    try {
      return await work(this.#statements(connection));
    } finally {
      await this.#disconnect(connection);
    }
  }

  async *bytes(sql: string): AsyncGenerator<Buffer> {
    // A connection of its own, because another statement on it would end the stream.
    const connection = await this.#connect();
    try {
      // A stream is planned and then run. Without a transaction, rows that are added in between
      // meet a plan from the statistics of the table before, which loses or spoils their texts.
      await this.#use(connection, (it) => it.run('BEGIN'));
      const result = await this.#use(connection, (it) => it.stream(sql));
      for (;;) {
        const chunk = await this.#use(connection, () => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield* joinTexts(chunk);
        // Frees its texts now: the garbage collector does not know how large they are.
        chunk.reset();
      }
    } finally {
      await this.#disconnect(connection);
    }
  }

  async append(
    table: string,
    rows: readonly (readonly (number | string | null)[])[],
  ): Promise<void> {
    await this.#use(this.#appending, async (connection) => {
      const appender = await connection.createAppender(table);
      try {
        for (const row of rows) {
          for (const value of row) {
            if (value === null) appender.appendNull();
            else if (typeof value === 'number') appender.appendBigInt(BigInt(value));
            else appender.appendVarchar(value);
          }
          appender.endRow();
        }
      } finally {
        appender.closeSync();
      }
    });
  }

  async within<T>(
    { memoryShare = 1, threads = this.#threads }: EngineBounds,
    work: () => Promise<T>,
  ): Promise<T> {
    const own = { memoryBytes: this.#memoryBytes, threads: this.#threads };
    const bounds = {
      memoryBytes: own.memoryBytes * memoryShare,
      threads: Math.min(threads, own.threads),
    };
    await this.#change(own, bounds);
    try {
      return await work();
    } finally {
      await this.#change(bounds, own);
    }
  }

  async #change(from: Bounds, to: Bounds): Promise<void> {
    if (to.memoryBytes !== from.memoryBytes) {
      await this.run(`SET memory_limit = '${mebibytes(to.memoryBytes)}'`);
    }
    if (to.threads !== from.threads) await this.run(`SET threads = ${to.threads}`);
  }

  progress(): number {
    return Math.max(0, this.#main.progress) / 100;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#interrupted?.removeEventListener('abort', this.#onAbort);
    this.#isStopped = true;
    try {
      await Promise.all([...this.#open].map((connection) => connection.close()));
      this.#instance.closeSync();
    } finally {
      await rm(this.folder, { recursive: true, force: true });
    }
  }

  async #stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.#open].map((connection) => connection.stop()));
  }

  async #connect(): Promise<EngineConnection> {
    this.#requireOpen();
    const connection = new EngineConnection(await this.#instance.connect());
    this.#open.add(connection);
    if (this.#isStopped) await connection.stop();
    return connection;
  }

  /** Also ends statements that `work` did not wait for. */
  async #disconnect(connection: EngineConnection): Promise<void> {
    await connection.close();
    this.#open.delete(connection);
  }

  #statements(connection: EngineConnection): Statements {
    return {
      run: async (sql) => {
        await this.#use(connection, (it) => it.run(sql));
      },
      rows: async (sql) => {
        const reader = await this.#use(connection, (it) => it.runAndReadAll(sql));
        return reader.getRowsJS() as Cell[][];
      },
    };
  }

  async #use<T>(
    connection: EngineConnection,
    work: (connection: DuckDBConnection) => Promise<T>,
  ): Promise<T> {
    this.#requireOpen();
    try {
      return await connection.use(work);
    } catch (cause) {
      this.#interrupted?.throwIfAborted();
      throw engineFailure(cause);
    }
  }

  #requireOpen(): void {
    this.#interrupted?.throwIfAborted();
    if (this.#isStopped) throw new UsherError('internal', 'The workbench is closed.');
  }
}
