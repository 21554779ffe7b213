/**
 * Opens a DuckDB in memory that cannot reach the network, and no files except the given ones. Its
 * settings are locked. It spills to disk in its own folder.
 */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { enginePath, sqlText } from './sql-text.ts';

export interface ConfinedOptions {
  /** The engine's own folder, created here. It may read and write there. */
  readonly folder: string;
  /** Other files and folders that it may read and write. */
  readonly allowedPaths: readonly string[];
  readonly allowedFolders: readonly string[];
  readonly threads: number;
  readonly memoryBytes: number;
  /** Disk that it may spill to. */
  readonly spillBytes: number;
  /** SET statements to run before the settings are locked. */
  readonly settings?: readonly string[];
}

export interface ConfinedEngine {
  readonly instance: DuckDBInstance;
  readonly connection: DuckDBConnection;
}

export async function openConfined(options: ConfinedOptions): Promise<ConfinedEngine> {
  await mkdir(options.folder, { recursive: true, mode: 0o700 });
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads),
    memory_limit: mebibytes(options.memoryBytes),
    temp_directory: join(options.folder, 'spill'),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  const folders = [options.folder, ...options.allowedFolders];
  for (const statement of [
    "SET TimeZone = 'UTC'",
    'SET enable_progress_bar = true',
    'SET enable_progress_bar_print = false',
    `SET max_temp_directory_size = '${mebibytes(options.spillBytes)}'`,
    ...(options.settings ?? []),
    `SET allowed_directories = [${bothForms(folders.map((folder) => `${folder}/`))}]`,
    `SET allowed_paths = [${bothForms(options.allowedPaths)}]`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ]) {
    await connection.run(statement);
  }
  return { instance, connection };
}

/** In the engine's notation. */
export function mebibytes(bytes: number): string {
  return `${Math.floor(bytes / 1_048_576)}MiB`;
}

/** The engine checks a path twice: as it is written, and as the file that it resolves to. */
function bothForms(paths: readonly string[]): string {
  return [...new Set(paths.flatMap((path) => [path, enginePath(path)]))].map(sqlText).join(', ');
}
