/** The process: arguments in, exit code out. `cli/` does the rest. */
import { randomBytes } from 'node:crypto';
import { availableParallelism, userInfo } from 'node:os';
import { exitCodes } from './cli/exit-code.ts';
import { runCommandLine } from './cli/run-command-line.ts';
import { StopSignals } from './cli/stop-signals.ts';
import { processEnvironment } from './settings/environment.ts';

/** @param argv without node and the program */
export async function main(argv: readonly string[]): Promise<void> {
  const signals = new StopSignals();
  let isOutputLost = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // The reader of our output may stop early: `usher token list | head -1`.
    if (error.code === 'EPIPE') process.exit(exitCodes.done);
    if (isOutputLost) return;
    isOutputLost = true;
    process.exitCode = exitCodes.failed;
    // The command goes on: what it has begun should end.
    process.stderr.write(`${lostOutputWords(error)}\n`);
  });
  // What a command does does not depend on its messages.
  process.stderr.on('error', () => undefined);
  const code = await runCommandLine(argv, {
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
  process.exitCode = isOutputLost && code === exitCodes.done ? exitCodes.failed : code;
}

function lostOutputWords({ code }: NodeJS.ErrnoException): string {
  return `usher: The output could not be written (${code ?? 'unknown error'}), and is not complete. Check the disk or the device that it goes to, then run the command again.`;
}

function operatorName(): string {
  try {
    return userInfo().username;
  } catch {
    // In a container the user may have a number without a name.
    return `uid-${process.getuid?.() ?? 'unknown'}`;
  }
}
