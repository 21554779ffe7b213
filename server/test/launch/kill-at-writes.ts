/**
 * Uses strace to kill a first import or a first sync at a system call that writes. Then runs the
 * same command again, and checks that every row is there, that every file is whole, and that a
 * later run clears contacts whose rows have vanished.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { composeReader } from '../../src/compose.ts';
import { mustRunCommand, runCommand } from './run-command.ts';
import { program } from './run-usher.ts';

const writingCalls =
  'write,pwrite64,pwritev,writev,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,ftruncate,fallocate,msync';

const people = (names: readonly string[]) =>
  `email,name\n${names.map((name) => `${name}@example.org,${name}\n`).join('')}`;

const definition = `version: 1
datasets:
  people:
    mode: snapshot
    max_change_share: 1
    source: { kind: file, paths: [people.csv] }
    identifiers: { email: email }
    fields: { name: { type: string } }
`;

export type KilledCommand = 'import' | 'sync';

/**
 * @param call the number of the writing call, counted from 1 in each thread, that kills the process
 * @returns `false` if no thread makes that many calls
 */
export async function killAtWrite(command: KilledCommand, call: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'usher-kill-'));
  const data = join(folder, 'data');
  const path = join(folder, 'people.csv');
  const args =
    command === 'import' ? ['import', path, '--mode', 'snapshot'] : ['sync', 'run', 'people'];
  try {
    writeFileSync(path, people(['ann', 'bob', 'cid']));
    if (command === 'sync') {
      writeFileSync(join(folder, 'usher.yaml'), definition);
      await mustRunCommand(data, ['apply', '-f', join(folder, 'usher.yaml')]);
    }
    const wasKilled = await runKilled(data, args, { call });
    const seen = await runCommand(data, ['doctor']);
    assert.doesNotMatch(seen.stdout, /is damaged/, `${command} killed at call ${call}`);
    await mustRunCommand(data, args);
    assert.equal(await countNamed(data), 3, `${command} killed at call ${call}`);
    assert.equal(statSync(join(data, 'secret.key')).size, 32);
    writeFileSync(path, people(['ann', 'cid']));
    const printed = await mustRunCommand(data, [...args, '--yes']);
    assert.match(printed, /1 cleared/, `${command} killed at call ${call}`);
    const known = readFileSync(join(data, 'secret.key'));
    assert.equal(known.length, 32);
    return wasKilled;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export interface KillPoint {
  /** The number of the call, counted from 1 in each thread. */
  readonly call: number;
  /** The names of the calls that are counted. */
  readonly calls?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a command until it is killed at a call. `false`: it came to its end. */
export async function runKilled(
  data: string,
  args: readonly string[],
  { call, calls = writingCalls, environment = {} }: KillPoint,
): Promise<boolean> {
  const traced = [process.execPath, program, ...args];
  const kill = `inject=${calls}:signal=SIGKILL:when=${call}`;
  const child = spawn(
    'strace',
    ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', kill, ...traced],
    { env: { ...process.env, USHER_DATA: data, ...environment }, stdio: 'ignore' },
  );
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  assert.ok(code === 0 || signal === 'SIGKILL', `strace ended with ${code ?? signal}`);
  return signal === 'SIGKILL';
}

async function countNamed(dataFolder: string): Promise<number> {
  const reader = await composeReader({ dataFolder });
  try {
    const { contacts } = await reader.counts(1);
    return contacts;
  } finally {
    await reader.close();
  }
}
