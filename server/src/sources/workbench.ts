/**
 * Where a source is read and compared: one DuckDB in memory, spilling into a folder of its own, shut off from the network and from all files but
 * those it is given. Its messages repeat rows and statements, so none of them is ever passed on.
 */
import { rm } from 'node:fs/promises';
import type { DuckDBConnection, DuckDBDataChunk, DuckDBInstance } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import { UsherError } from '../domain/errors.ts';
import { type ConfinedEngine, openConfined } from './confined-engine.ts';
import { workbenchMemoryBytes, workbenchSpillBytes } from './limits.ts';
import { SourceMalformed } from './source-malformed.ts';

export { sqlText } from './sql-text.ts';

export interface WorkbenchOptions {
  /** Its own folder: made here, removed by `close`. */
  readonly folder: string;
  /** Files and folders that it may touch besides. */
  readonly allowedPaths: readonly string[];
  readonly allowedFolders: readonly string[];
  readonly threads: number;
  /** `workbenchMemoryBytes` unless it is to be less. */
  readonly memoryBytes?: number;
}

export type Cell = string | number | bigint | boolean | null | Uint8Array;

/** Statements run one after the other. */
export interface Statements {
  run(sql: string, parameters?: readonly string[]): Promise<void>;
  /** A small result, whole. */
  rows(sql: string): Promise<readonly (readonly Cell[])[]>;
}

export interface Workbench extends Statements {
  /** For files that only this reading needs. */
  readonly folder: string;
  /** Versions of the engine give different hashes. */
  readonly engine: string;
  /** Other statements need not wait for those of `work`; they see what each made once it is done. */
  beside<T>(work: (statements: Statements) => Promise<T>): Promise<T>;
  /**
   * A column of texts without NULLs as UTF-8, one text after the other with nothing between, whole texts at a time, some hundreds
   * of them. Each buffer is the reader's to keep.
   */
  bytes(sql: string): AsyncGenerator<Buffer>;
  /** Adds rows to a table whose columns are BIGINT (numbers) and VARCHAR (texts and null). Need not wait for what `run` is busy with. */
  append(table: string, rows: readonly (readonly (number | string | null)[])[]): Promise<void>;
  /** Of the statement that `run` is busy with, 0 to 1; 0 when it cannot tell. */
  progress(): number;
  /** Ends what still runs, and refuses what would be begun after it; then all is gone, the folder too. */
  close(): Promise<void>;
}

/** @throws UsherError `storage_full` */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const { instance, connection } = await openConfined({
    memoryBytes: workbenchMemoryBytes,
    settings: [`SET max_temp_directory_size = '${Math.floor(workbenchSpillBytes / 1_048_576)}MiB'`],
    ...options,
  });
  const version = await connection.runAndReadAll('SELECT version()');
  const appending = await instance.connect();
  const engine = String(version.getRows()[0]?.[0]);
  return new DuckDBWorkbench(options.folder, engine, { instance, connection, appending });
}

class DuckDBWorkbench implements Workbench {
  readonly folder: string;
  readonly engine: string;
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  /** A statement that runs would have a second one on its connection wait. */
  readonly #appending: DuckDBConnection;
  /** Of work that runs beside. */
  readonly #others = new Set<DuckDBConnection>();
  readonly #running = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(
    folder: string,
    engine: string,
    connections: ConfinedEngine & { readonly appending: DuckDBConnection },
  ) {
    this.folder = folder;
    this.engine = engine;
    this.#instance = connections.instance;
    this.#connection = connections.connection;
    this.#appending = connections.appending;
  }

  run(sql: string, parameters: readonly string[] = []): Promise<void> {
    return this.#runOn(this.#connection, sql, parameters);
  }

  rows(sql: string): Promise<readonly (readonly Cell[])[]> {
    return this.#rowsOn(this.#connection, sql);
  }

  async beside<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const connection = await this.#instance.connect();
    this.#others.add(connection);
    try {
      return await work({
        run: (sql, parameters = []) => this.#runOn(connection, sql, parameters),
        rows: (sql) => this.#rowsOn(connection, sql),
      });
    } finally {
      this.#others.delete(connection);
      connection.closeSync();
    }
  }

  async *bytes(sql: string): AsyncGenerator<Buffer> {
    // A connection of its own: a statement on the same one would end the stream.
    const connection = await this.#instance.connect();
    this.#others.add(connection);
    try {
      const result = await this.#follow(() => connection.stream(sql));
      for (;;) {
        const chunk = await this.#follow(() => result.fetchChunk());
        if (chunk === null || chunk.rowCount === 0) return;
        yield* joinTexts(chunk);
        // Else its texts stay until the collector comes by, which does not know how large they are.
        chunk.reset();
      }
    } finally {
      this.#others.delete(connection);
      connection.closeSync();
    }
  }

  async append(
    table: string,
    rows: readonly (readonly (number | string | null)[])[],
  ): Promise<void> {
    const appender = await this.#follow(() => this.#appending.createAppender(table));
    try {
      for (const row of rows) {
        for (const value of row) {
          if (value === null) appender.appendNull();
          else if (typeof value === 'number') appender.appendBigInt(BigInt(value));
          else appender.appendVarchar(value);
        }
        appender.endRow();
      }
    } catch (cause) {
      throw nameFailure(cause);
    } finally {
      appender.closeSync();
    }
  }

  progress(): number {
    return Math.max(0, this.#connection.progress.percentage) / 100;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    // A connection that is closed while it works waits for itself for ever.
    for (const connection of [this.#connection, ...this.#others]) connection.interrupt();
    await Promise.allSettled(this.#running);
    this.#appending.closeSync();
    this.#connection.closeSync();
    this.#instance.closeSync();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #runOn(
    connection: DuckDBConnection,
    sql: string,
    parameters: readonly string[],
  ): Promise<void> {
    await this.#follow(() => connection.run(sql, [...parameters]));
  }

  async #rowsOn(connection: DuckDBConnection, sql: string): Promise<readonly (readonly Cell[])[]> {
    const reader = await this.#follow(() => connection.runAndReadAll(sql));
    return reader.getRowsJS() as Cell[][];
  }

  async #follow<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new UsherError('internal', 'The workbench is closed.');
    const running = named(work);
    this.#running.add(running);
    return running.finally(() => this.#running.delete(running));
  }
}

const stringEntryBytes = 16;

/**
 * The texts of a chunk's first column. Each text fetched alone costs a crossing of 1 to 2 us; the engine keeps the texts of a
 * chunk back to back, so that neighbours, recognised by their addresses, come over together: 9 crossings for 2,048 texts.
 */
function* joinTexts(chunk: DuckDBDataChunk): Generator<Buffer> {
  const count = chunk.rowCount;
  const raw = duckdb.vector_get_data(
    duckdb.data_chunk_get_vector(chunk.chunk, 0),
    count * stringEntryBytes,
  );
  const entries = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  let row = 0;
  while (row < count) {
    const first = row * stringEntryBytes;
    let length = entries.getUint32(first, true);
    row += 1;
    if (length <= 12) {
      // A short text lies in the entry itself.
      yield Buffer.from(new Uint8Array(raw.buffer, raw.byteOffset + first + 4, length));
      continue;
    }
    const address = entries.getBigUint64(first + 8, true);
    while (row < count && isNeighbour(entries, row * stringEntryBytes, address + BigInt(length))) {
      length += entries.getUint32(row * stringEntryBytes, true);
      row += 1;
    }
    const part = duckdb.get_data_from_pointer(
      raw.buffer as ArrayBuffer,
      raw.byteOffset + first + 8,
      length,
    );
    yield Buffer.from(part.buffer, part.byteOffset, part.length);
  }
}

function isNeighbour(entries: DataView, at: number, address: bigint): boolean {
  return entries.getUint32(at, true) > 12 && entries.getBigUint64(at + 8, true) === address;
}

async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw nameFailure(cause);
  }
}

/** Classifies a failure by the engine's words, and lets none of them out: they quote rows. */
function nameFailure(cause: unknown): Error {
  const words = cause instanceof Error ? cause.message : '';
  if (/no space left|disk full|failed to offload|max_temp_directory_size/i.test(words)) {
    return new UsherError(
      'storage_full',
      'The disk is full: make room, then run the same command.',
    );
  }
  if (/^Out of Memory/i.test(words)) {
    // The same rows would take as much the next time.
    return new UsherError(
      'definition_invalid',
      'Reading the source took more memory than is allowed for it: it has too many columns, or too long values, for the engine. Leave columns out of it, or split its values.',
    );
  }
  // The last three are what false Parquet makes of its reader.
  if (
    /^(?:Invalid Input|Conversion|Invalid|Serialization|IO|Out of Range|Not implemented|INTERNAL) Error/.test(
      words,
    )
  ) {
    return new SourceMalformed(/^[A-Za-z ]+ Error/.exec(words)?.[0] ?? 'malformed');
  }
  const kind = /^[A-Za-z ]{1,40}(?=:)/.exec(words)?.[0] ?? 'unknown';
  return new UsherError('internal', 'Reading the file failed.', { context: { engineError: kind } });
}
