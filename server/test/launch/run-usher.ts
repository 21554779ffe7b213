/** Real processes of Usher for tests: servers on free ports, and commands, each on a data folder of the test's own. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const program = join(import.meta.dirname, '../../bin/usher.js');

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type TestEnvironment = Readonly<Record<string, string>>;

/** A data folder that goes when the test ends; give it `t.after`. */
export async function makeDataFolder(after: (end: () => Promise<void>) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'usher-test-'));
  after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'data');
}

/** Runs a command to its end. */
export function runUsher(
  data: string,
  args: readonly string[],
  environment: TestEnvironment = {},
): Promise<CommandResult> {
  const env = { ...process.env, USHER_DATA: data, ...environment };
  return new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
      resolve({ code, stdout, stderr });
    });
  });
}

/** The same, when it must succeed; what it printed. */
export async function mustRunUsher(data: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runUsher(data, args);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

export interface UsherServer {
  readonly url: string;
  readonly port: number;
  readonly process: ChildProcess;
  /** All that it wrote so far. */
  output(): string;
  /** Sends SIGTERM and waits for its end; twice is once. */
  stop(): Promise<void>;
}

/** Starts `usher serve` (or another command that serves) and waits until it says where. */
export async function startUsher(
  data: string,
  environment: TestEnvironment = {},
  args: readonly string[] = ['serve'],
): Promise<UsherServer> {
  const env = { ...process.env, USHER_PORT: '0', ...environment, USHER_DATA: data };
  const child = spawn(process.execPath, [program, ...args], { env });
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
  }, 30_000);
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

/** Asks again and again until there is an answer. @param bound in milliseconds */
export async function waitFor<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  bound: number,
): Promise<T> {
  const end = performance.now() + bound;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    assert.ok(performance.now() < end, `nothing within ${bound} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A port that was free a moment ago, for settings that must name one. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
