/** The process: arguments in, exit code out. What a command line means is `cli/`'s business. */
import { randomBytes } from 'node:crypto';
import { availableParallelism, userInfo } from 'node:os';
import { runCommandLine } from './cli/run-command-line.ts';
import { StopSignals } from './cli/stop-signals.ts';
import { processEnvironment } from './settings/environment.ts';

/** @param argv without node's and the program's own names */
export async function main(argv: readonly string[]): Promise<void> {
  const signals = new StopSignals();
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
    get interrupted() {
      return signals.stopping;
    },
    get drained() {
      return signals.draining;
    },
  });
}

function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
