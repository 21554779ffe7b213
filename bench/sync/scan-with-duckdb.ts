/**
 * DuckDB's own scan of a file, as a separate program. It reads every column of every row (of a CSV
 * as text) and combines the hashes of all values into one number, so that nothing can stay unread.
 * It writes the wall time and the CPU time of the query as JSON. It does no other work of a sync:
 * no types, no identities, no comparison, no storing.
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
  if (file === undefined) throw new Error('Name the file to scan as the argument.');
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
