/**
 * Other programs that read or store the same contacts, from files that are in memory already. None
 * of them does all the work of a sync; `README.md` says what each one leaves out.
 */
import assert from 'node:assert/strict';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCpuTime, readCpuTimeOfEndedChildren } from '../lookup/cpu-time.ts';
import type { Database } from '../lookup/databases/database.ts';
import { psql, query } from '../lookup/databases/postgres.ts';
import { peersFolder, workFolder } from '../lookup/folders.ts';
import { runProgram, startProgram } from '../lookup/run-program.ts';
import { findFreePort, waitUntil } from '../lookup/wait-until.ts';
import type { Measurement } from './measure-sync.ts';
import type { ScanReport } from './scan-with-duckdb.ts';

/** Measures only the query, in a new process. Its start and the loading of DuckDB do not count. */
export async function measureScan(file: string, rows: number): Promise<Measurement> {
  return measureProgram([join(import.meta.dirname, 'scan-with-duckdb.ts'), file], rows);
}

/** Measures only the parsing, in a new process. */
export async function measureCsvParse(file: string, rows: number): Promise<Measurement> {
  const script = join(peersFolder, 'parse-csv.mjs');
  copyFileSync(join(import.meta.dirname, '../lookup/peer-servers/parse-csv.mjs'), script);
  return measureProgram([script, file], rows);
}

async function measureProgram(parameters: readonly string[], rows: number): Promise<Measurement> {
  const output = await runProgram({ name: 'peer', command: process.execPath, parameters });
  const { rows: found, wallMs, cpuMs }: ScanReport = JSON.parse(output);
  assert.equal(found, rows, 'The number of rows that were read is wrong.');
  return { wallMs, cpuMs, memoryMb: 0 };
}

/**
 * Measures COPY from the client into a table with a unique index on the e-mail address. When it
 * ends, the rows are committed and safe.
 */
export async function measureCopy(
  { port, pid }: Database,
  file: string,
  rows: number,
): Promise<Measurement> {
  await query(port, 'drop table if exists copied');
  await query(port, 'create table copied (email text not null, data text not null)');
  await query(port, 'create unique index on copied (email)');
  // Flushes pending writes of the last round, so that they do not count in this one.
  await query(port, 'checkpoint');
  const measured = await timed([pid], () => runProgram(psql(port, `\\copy copied from '${file}'`)));
  assert.equal(Number(await query(port, 'select count(*) from copied')), rows);
  return measured;
}

/** Measures `redis-cli --pipe` into an empty Redis that writes nothing to the disk. */
export async function measurePipe(file: string, rows: number): Promise<Measurement> {
  const port = await findFreePort();
  const server = startProgram({
    name: 'redis-pipe',
    command: 'redis-server',
    parameters: [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', workFolder],
      ...['--save', '', '--appendonly', 'no', '--shutdown-on-sigterm', 'nosave'],
    ],
  });
  const client = `redis-cli -h 127.0.0.1 -p ${port}`;
  const ask = (command: string) =>
    runProgram({ name: 'redis-cli', command: 'sh', parameters: ['-c', command] });
  await waitUntil(async () => (await ask(`${client} PING`).catch(() => '')).trim() === 'PONG', {
    what: 'redis starts',
    within: 30_000,
    of: server,
  });
  try {
    const measured = await timed([server.pid], () => ask(`exec ${client} --pipe < '${file}'`));
    assert.equal(Number(await ask(`${client} DBSIZE`)), rows);
    return measured;
  } finally {
    await server.stop();
  }
}

async function timed(pids: readonly number[], work: () => Promise<unknown>): Promise<Measurement> {
  const readTime = () => readCpuTime(pids) + readCpuTimeOfEndedChildren();
  const cpuBefore = readTime();
  const begunMs = performance.now();
  await work();
  const wallMs = performance.now() - begunMs;
  return { wallMs, cpuMs: (readTime() - cpuBefore) / 1000, memoryMb: 0 };
}
