/**
 * Real processes of Usher for tests: servers on free ports, and commands, each with a data folder
 * of the test.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

export const program = join(import.meta.dirname, '../../bin/usher.js');

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type TestEnvironment = Readonly<Record<string, string>>;

/** The path of a data folder that does not exist yet. It is removed when the test ends. */
export function makeDataFolder(context: Pick<TestContext, 'after'>): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-test-'));
  // A process that is about to end may write one more file meanwhile.
  const options = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 };
  context.after(() => rm(folder, options));
  return join(folder, 'data');
}

/** Starts a command. Questions of the command are not answered. */
export function spawnUsher(
  data: string,
  args: readonly string[],
  environment: TestEnvironment = {},
): ChildProcessByStdio<null, Readable, Readable> {
  // Removes settings of the developer's own server from the environment.
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('USHER_'));
  const env = { ...Object.fromEntries(others), USHER_DATA: data, ...environment };
  return spawn(process.execPath, [program, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs a command to its end. */
export async function runUsher(
  data: string,
  args: readonly string[],
  environment: TestEnvironment = {},
): Promise<CommandResult> {
  const child = spawnUsher(data, args, environment);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/**
 * Runs a command that must succeed.
 * @returns what it printed
 */
export async function mustRunUsher(data: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runUsher(data, args);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

export interface UsherServer {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** Everything that the process has written. */
  output(): string;
  /** Sends SIGTERM and waits until the process has ended. A second call only waits. */
  stop(): Promise<void>;
}

/** Starts `usher serve` with one look-up thread, and waits until it prints its address. */
export async function startUsher(
  data: string,
  environment: TestEnvironment = {},
): Promise<UsherServer> {
  const child = spawnUsher(data, ['serve'], {
    USHER_PORT: '0',
    USHER_WORKERS: '1',
    // So that tests of other things start sooner.
    USHER_REHEARSAL: 'off',
    ...environment,
  });
  let written = '';
  child.stdout.on('data', (chunk) => {
    written += chunk;
  });
  child.stderr.on('data', (chunk) => {
    written += chunk;
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const found = await waitFor(() => {
    assert.equal(child.exitCode, null, written);
    return /Usher serves (http\S+:(\d+))/.exec(written) ?? undefined;
  }, 60_000);
  const [, url = '', port = ''] = found;
  return {
    url,
    port: Number(port),
    process: child,
    output: () => written,
    stop: async () => {
      if (child.exitCode === null) child.kill('SIGTERM');
      await ended;
    },
  };
}

/**
 * Calls a function again and again until it returns a result.
 * @param bound the longest wait, in milliseconds
 */
export async function waitFor<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  bound: number,
): Promise<T> {
  const end = performance.now() + bound;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert.ok(performance.now() < end, `no result within ${bound} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A port that was free a moment ago, for settings that must name a port. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
