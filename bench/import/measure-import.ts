/**
 * The three that are compared, each over the same contacts in files that are in memory already: Usher's import into an
 * empty data folder, DuckDB's bare scan of the same file, and PostgreSQL's COPY of ready rows into an empty table.
 */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expectedAnswer } from '../lookup/contact-call.ts';
import { askedFieldNames, benchFields } from '../lookup/contact-fields.ts';
import { makeContact } from '../lookup/contacts-data.ts';
import { readCpuTime, readCpuTimeOfEndedChildren } from '../lookup/cpu-time.ts';
import type { Database } from '../lookup/databases/database.ts';
import { psql, query } from '../lookup/databases/postgres.ts';
import { workFolder } from '../lookup/folders.ts';
import { runProgram } from '../lookup/run-program.ts';
import { typeParameters, usher } from '../lookup/usher-data.ts';
import type { ScanReport } from './scan-with-duckdb.ts';

export interface ImportMeasurement {
  readonly wallMs: number;
  /** Of all processes that took part. */
  readonly cpuMs: number;
}

/** `usher import` from start to exit: types, identities, index and snapshot, all on the disk when it ends. */
export async function measureUsherImport(file: string, rows: number): Promise<ImportMeasurement> {
  const folder = join(workFolder, 'usher-import');
  rmSync(folder, { recursive: true, force: true });
  const parameters = ['import', file, '--dataset', 'whole', '--identifier', 'email=email', '--yes'];
  const program = usher(folder, [...parameters, ...typeParameters(benchFields)]);
  const cpuBefore = readCpuTimeOfEndedChildren();
  const begunMs = performance.now();
  await runProgram(program);
  const wallMs = performance.now() - begunMs;
  const cpuMs = (readCpuTimeOfEndedChildren() - cpuBefore) / 1000;
  await checkImported(folder, rows);
  rmSync(folder, { recursive: true, force: true });
  return { wallMs, cpuMs };
}

/** @throws when the first, the last or a middle contact is not what was generated */
async function checkImported(folder: string, rows: number): Promise<void> {
  for (const index of [0, rows >> 1, rows - 1]) {
    const contact = makeContact(index);
    const get = ['get', `email:${contact.email}`, '--fields', askedFieldNames.join(','), '--json'];
    const answer: unknown = JSON.parse(await runProgram(usher(folder, get)));
    assert.deepEqual(answer, JSON.parse(expectedAnswer(contact)));
  }
}

/** The query alone, in a new process: neither its start nor the loading of DuckDB counts. */
export async function measureScan(file: string, rows: number): Promise<ImportMeasurement> {
  const output = await runProgram({
    name: 'duckdb-scan',
    command: process.execPath,
    parameters: [join(import.meta.dirname, 'scan-with-duckdb.ts'), file],
  });
  const { rows: found, ...measured }: ScanReport = JSON.parse(output);
  assert.equal(found, rows, 'DuckDB read another number of rows');
  return measured;
}

/** COPY from the client into a table with a unique index on the e-mail address; committed, so safe, when it ends. */
export async function measureCopy(
  { port, pid }: Database,
  file: string,
  rows: number,
): Promise<ImportMeasurement> {
  await query(port, 'drop table if exists copied');
  await query(port, 'create table copied (email text not null, data text not null)');
  await query(port, 'create unique index on copied (email)');
  // What the last round left to write is not this round's cost.
  await query(port, 'checkpoint');
  const readTime = () => readCpuTime([pid]) + readCpuTimeOfEndedChildren();
  const cpuBefore = readTime();
  const begunMs = performance.now();
  await runProgram(psql(port, `\\copy copied from '${file}'`));
  const wallMs = performance.now() - begunMs;
  const cpuMs = (readTime() - cpuBefore) / 1000;
  assert.equal(Number(await query(port, 'select count(*) from copied')), rows);
  return { wallMs, cpuMs };
}

/** Reads files once, so that no one's measurement waits for the disk. */
export async function readThrough(files: readonly string[]): Promise<void> {
  const buffer = Buffer.allocUnsafe(1 << 20);
  for (const file of files) {
    const handle = await open(file);
    while ((await handle.read(buffer)).bytesRead > 0);
    await handle.close();
  }
}
