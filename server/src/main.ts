/** The process: arguments in, exit code out. What a command line means is `cli/`'s business. */
import { randomBytes } from 'node:crypto';
import { availableParallelism, userInfo } from 'node:os';
import { runCommandLine } from './cli/run-command-line.ts';
import { processEnvironment } from './settings/environment.ts';

const interruptedCode = 130;

/** @param argv without node's and the program's own names */
export async function main(argv: readonly string[]): Promise<void> {
  const interruption = new AbortController();
  process.on('SIGINT', () => {
    // The first asks to stop in good order, the second does not wait for it.
    if (interruption.signal.aborted) process.exit(interruptedCode);
    interruption.abort();
  });
  // Whoever reads our output may stop reading: `usher token list | head -1`.
  process.stdout.on('error', () => process.exit(0));
  process.exitCode = await runCommandLine(argv, {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    environment: processEnvironment(),
    machine: { workingFolder: process.cwd(), cores: availableParallelism() },
    operator: operatorName(),
    clock: Date.now,
    randomBytes,
    interrupted: interruption.signal,
    terminated: terminationSignal,
  });
}

function terminationSignal(): AbortSignal {
  const termination = new AbortController();
  process.on('SIGTERM', () => termination.abort());
  return termination.signal;
}

function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
