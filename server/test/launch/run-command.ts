/**
 * Runs commands inside the test's process, which saves half a second for each. `main.ts` runs them
 * in a process of their own. Tests of processes (signals, kills, several writers) use
 * `run-usher.ts`.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Readable, Writable } from 'node:stream';
import { runCommandLine } from '../../src/cli/run-command-line.ts';
import type { CommandResult, TestEnvironment } from './run-usher.ts';

/** Runs a command to its end. Questions of the command are not answered. */
export async function runCommand(
  data: string,
  args: readonly string[],
  environment: TestEnvironment = {},
): Promise<CommandResult> {
  const stdout = new KeptText();
  const stderr = new KeptText();
  const { signal } = new AbortController();
  const code = await runCommandLine(args, {
    stdout,
    stderr,
    stdin: Readable.from([]),
    environment: { USHER_DATA: data, ...environment },
    machine: { workingFolder: process.cwd(), cores: 2 },
    operator: 'test',
    clock: Date.now,
    randomBytes,
    interrupted: signal,
    drained: signal,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}

/**
 * Runs a command that must succeed.
 * @returns what it printed
 */
export async function mustRunCommand(data: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(data, args);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

class KeptText extends Writable {
  readonly #chunks: Buffer[] = [];

  override _write(chunk: Buffer, _: BufferEncoding, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }
}
