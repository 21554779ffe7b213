/**
 * Measures a sync from start to exit, as `usher sync run` does it: its time, its CPU time and its
 * peak of anonymous memory.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { expectedAnswer } from '../lookup/contact-call.ts';
import { askedFieldNames, benchFields } from '../lookup/contact-fields.ts';
import { makeContact } from '../lookup/contacts-data.ts';
import {
  readAnonymousMemory,
  readCpuTime,
  readCpuTimeOfEndedChildren,
} from '../lookup/cpu-time.ts';
import { editionCounts } from '../lookup/data-files.ts';
import { workFolder } from '../lookup/folders.ts';
import { runProgram, startProgram } from '../lookup/run-program.ts';
import { usher } from '../lookup/usher-data.ts';
import type { SyncSource } from './sync-sources.ts';

export interface Measurement {
  readonly wallMs: number;
  /** The CPU time of all processes that took part. */
  readonly cpuMs: number;
  /** The peak of anonymous memory of the sync's process. 0 if it was not measured. */
  readonly memoryMb: number;
}

/**
 * `first`: a sync into an empty data folder. `again`: a sync of the same rows. `changed`: a sync
 * after one row of a hundred has changed and two of a thousand are missing.
 */
export const syncKinds = ['first', 'again', 'changed'] as const;
export type SyncKind = (typeof syncKinds)[number];

const memoryEveryMs = 20;

/** Creates a data folder that defines the dataset and has no contacts. */
export async function prepareFolder(source: SyncSource): Promise<void> {
  const folder = folderOf(source);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(workFolder, 'sync'), { recursive: true });
  const catalog = join(workFolder, 'sync', `${source.form}.yaml`);
  writeFileSync(catalog, catalogFile(source));
  await runProgram(usher(folder, ['apply', '-f', catalog, '--yes']));
}

/** @param databasePids processes of the source's database, whose CPU time counts as the sync's */
export async function measureSync(
  source: SyncSource,
  { kind, rows, databasePids }: { kind: SyncKind; rows: number; databasePids: readonly number[] },
): Promise<Measurement> {
  const folder = folderOf(source);
  const readTime = () => readCpuTime(databasePids) + readCpuTimeOfEndedChildren();
  const cpuBefore = readTime();
  const begunMs = performance.now();
  const command = usher(folder, ['sync', 'run', 'whole', '--json', '-q']);
  const program = startProgram({
    ...command,
    name: nameOf(source),
    env: { ...command.env, ...source.env },
  });
  let memory = 0;
  const watch = setInterval(() => {
    try {
      memory = Math.max(memory, readAnonymousMemory(program.pid));
    } catch {
      // The process has just ended.
    }
  }, memoryEveryMs);
  const code = await program.exited;
  clearInterval(watch);
  const wallMs = performance.now() - begunMs;
  const cpuMs = (readTime() - cpuBefore) / 1000;
  assert.equal(code, 0, `The sync ended with exit code ${code}. See ${workFolder}/logs`);
  await checkRun(source, kind, rows);
  return { wallMs, cpuMs, memoryMb: memory / 1e6 };
}

/** @throws if the run's counts, or a contact after the run, differ from the generated data */
async function checkRun(source: SyncSource, kind: SyncKind, rows: number): Promise<void> {
  const folder = folderOf(source);
  const said = readFileSync(join(workFolder, 'logs', `${nameOf(source)}.log`), 'utf8');
  const run = JSON.parse(said) as Record<string, unknown>;
  const { changed, gone } = editionCounts(rows);
  const expected = {
    first: { added: rows, changed: 0, unchanged: 0, cleared: 0 },
    again: { added: 0, changed: 0, unchanged: rows, cleared: 0 },
    changed: { added: 0, changed, unchanged: rows - changed - gone, cleared: gone },
  }[kind];
  const { added, changed: moved, unchanged, cleared } = run;
  assert.deepEqual({ added, changed: moved, unchanged, cleared }, expected, kind);
  for (const index of [0, 7, rows - 1]) {
    const contact = makeContact(index, kind === 'changed' && index === 7 ? 2 : 1);
    const get = ['get', `email:${contact.email}`, '--fields', askedFieldNames.join(','), '--json'];
    const answer: unknown = JSON.parse(await runProgram(usher(folder, get)));
    assert.deepEqual(answer, JSON.parse(expectedAnswer(contact)));
  }
}

/** Reads files once, so that no measurement waits for the disk. */
export async function readThrough(files: readonly string[]): Promise<void> {
  const buffer = Buffer.allocUnsafe(1 << 20);
  for (const file of files) {
    const handle = await open(file);
    while ((await handle.read(buffer)).bytesRead > 0);
    await handle.close();
  }
}

/** The name of the program that syncs a source, and the prefix of the file with its output. */
function nameOf({ form }: SyncSource): string {
  return `sync-${form}`;
}

function folderOf({ form }: SyncSource): string {
  return join(workFolder, 'sync', `usher-${form}`);
}

function catalogFile({ definition }: SyncSource): string {
  const fields = benchFields.map(({ name, type }) => {
    const format = type === 'set' ? ', format: { separator: ";" }' : '';
    return `      ${name}: { type: ${type}${format} }`;
  });
  return `version: 1
datasets:
  whole:
    source: ${definition}
    identifiers: { email: email }
    mode: snapshot
    fields:
${fields.join('\n')}
`;
}
