/** The process: arguments in, exit code out. `cli/` does the rest. */
import { randomBytes } from 'node:crypto';
import { availableParallelism, userInfo } from 'node:os';
import { runCommandLine } from './cli/run-command-line.ts';
import { StopSignals } from './cli/stop-signals.ts';
import { processEnvironment } from './settings/environment.ts';

/** @param argv without node and the program */
export async function main(argv: readonly string[]): Promise<void> {
  const signals = new StopSignals();
  // The reader of our output may stop early: `usher token list | head -1`.
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
    // In a container the user may have a number without a name.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
