/**
 * DuckDB's own scan of a file, as a program of its own: every column of every row read (of a CSV as
 * text) and hashed, the hashes folded into one number, so that nothing can be left unread. Writes
 * the wall time of the query and its CPU time as JSON. It does nothing else of a sync: no types, no
 * identities, nothing compared, nothing stored.
 */
import { DuckDBInstance } from '@duckdb/node-api';

export interface ScanReport {
  readonly rows: number;
  readonly wallMs: number;
  readonly cpuMs: number;
}

function readingOf(file: string): string {
  if (file.endsWith('.parquet')) return 'read_parquet(?)';
  if (file.endsWith('.ndjson')) return "read_json(?, format = 'newline_delimited')";
  return 'read_csv(?, header = true, all_varchar = true)';
}

export function scanStatement(file: string): string {
  return `select count(*), bit_xor(hash(*columns(*))) from ${readingOf(file)}`;
}

async function main([file]: readonly string[]): Promise<void> {
  if (file === undefined) throw new Error('which file?');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const begunMs = performance.now();
  const begunCpu = process.cpuUsage();
  const result = await connection.runAndReadAll(scanStatement(file), [file]);
  const wallMs = performance.now() - begunMs;
  const { user, system } = process.cpuUsage(begunCpu);
  const rows = Number(result.getRows()[0]?.[0]);
  const report: ScanReport = { rows, wallMs, cpuMs: (user + system) / 1000 };
  console.log(JSON.stringify(report));
}

if (import.meta.main) await main(process.argv.slice(2));
