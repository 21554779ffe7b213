/**
 * Programs of database servers for tests: runs them to their end, or starts them as servers that
 * end with the test.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from './run-usher.ts';

/** A real database server for one test, with its own folder, port and account. */
export interface TestDatabase {
  readonly port: number;
  /** A URL for any database of the server. Its account has all rights. */
  url(database?: string): string;
  readonly user: string;
  readonly password: string;
  /**
   * Runs statements as the owner.
   * @returns what they print, without headers
   */
  run(sql: string, database?: string): Promise<string>;
  /** Kills all its processes at once, as if the machine failed. */
  crash(): Promise<void>;
  /** Starts again after `crash` or `stop`, on the same port and data. */
  start(): Promise<void>;
  /** Stops the server. `close` also removes its folder; pass `close` to `t.after`. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

export interface Program {
  readonly command: string;
  readonly parameters: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface RunningProgram {
  readonly isRunning: () => boolean;
  end(signal: NodeJS.Signals): Promise<void>;
  log(): string;
}

const running = new Set<ChildProcess>();
let isWatching = false;

/** Starting takes 1 to 3 s. A busy machine may need ten times as long. */
const startMs = 60_000;

/**
 * Starts a server and waits until it answers.
 * @throws if it ends before that
 */
export async function startProgram(
  program: Program,
  answers: () => Promise<unknown>,
): Promise<RunningProgram> {
  const { command, parameters, env } = program;
  const child = spawn(command, parameters, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  endAllOnExit();
  let log = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-20_000);
    });
  }
  const exited = once(child, 'exit').then(() => running.delete(child));
  await waitFor(async () => {
    if (!running.has(child)) throw new Error(`${command} ended:\n${log}`);
    return answers().then(
      () => true,
      () => undefined,
    );
  }, startMs);
  return {
    isRunning: () => running.has(child),
    log: () => log,
    end: async (signal) => {
      if (running.has(child)) child.kill(signal);
      await exited;
    },
  };
}

/**
 * Runs a program to its end.
 * @returns what it printed
 * @throws if it fails, with its error output
 */
export async function runProgram(program: Program, input = ''): Promise<string> {
  const { command, parameters, env } = program;
  const child = spawn(command, parameters, { env: { ...process.env, ...env } });
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  // The program may end without reading all of its input. The exit code shows whether it failed.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${complaint.trim()}`);
  return output;
}

/**
 * A folder that the account owns if this process is root, because some servers refuse to run as
 * root.
 */
export async function makeServerFolder(prefix: string, account?: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  if (account !== undefined && process.getuid?.() === 0) {
    await runProgram({ command: 'chown', parameters: [`${account}:`, folder] });
  }
  return folder;
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** The same program, run by another account if this process is root. */
export function asAccount(account: string, program: Program): Program {
  if (process.getuid?.() !== 0) return program;
  const who = [`--reuid=${account}`, `--regid=${account}`, '--init-groups'];
  return {
    ...program,
    command: 'setpriv',
    parameters: [...who, program.command, ...program.parameters],
  };
}

/**
 * The path of a server program. Debian does not put servers into PATH, and keeps PostgreSQL in one
 * folder per version; the newest is used.
 */
export function serverBinary(name: string): string {
  const versions = '/usr/lib/postgresql';
  const known = existsSync(versions) ? readdirSync(versions) : [];
  const newest = known
    .sort((a, b) => Number(b) - Number(a))
    .map((one) => join(versions, one, 'bin'));
  const folder = [...newest, '/usr/sbin'].find((one) => existsSync(join(one, name)));
  return folder === undefined ? name : join(folder, name);
}

function endAllOnExit(): void {
  if (isWatching) return;
  isWatching = true;
  process.on('exit', () => {
    for (const child of running) child.kill('SIGKILL');
  });
}
