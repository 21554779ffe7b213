/** Runs commands that read or write all files: at low priority, with progress, interruptible. */
import { setPriority } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import type { WalkOptions } from '../stores/store-files.ts';
import type { CommandSession } from './command-frame.ts';
import { InterruptedError } from './exit-code.ts';
import { ProgressReport } from './terminal/progress-report.ts';

/** @param stoppedWords the message after an interrupt */
export async function walkFiles<T>(
  session: CommandSession,
  stoppedWords: string,
  work: (options: WalkOptions) => Promise<T>,
): Promise<T> {
  const { io, quiet } = session;
  letServersGoFirst();
  const progress = new ProgressReport(io, quiet);
  const { interrupted } = io;
  try {
    return await work({
      interrupted,
      onProgress: ({ phase, doneBytes, totalBytes }) =>
        progress.update({ phase, done: doneBytes, total: totalBytes, unit: 'bytes' }),
    });
  } catch (error) {
    if (interrupted.aborted && error === interrupted.reason) {
      throw new InterruptedError(stoppedWords);
    }
    throw error;
  } finally {
    progress.end();
  }
}

/** Leaves the processor to a server on the same machine. */
export function letServersGoFirst(): void {
  setPriority(10);
}

/**
 * Keeps the memory of new objects as small as it is now, in all threads of this process. A run
 * makes much garbage: with the 16 MB to which this memory may grow, more of it lives until the next
 * full collection, and a first load takes 110 MB more.
 */
export function keepNewObjectsFew(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  // Little of it is alive when it is collected: four threads cost more than they save on two cores.
  setFlagsFromString('--no-parallel-scavenge');
}

/** `1,166.4 MB`. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toLocaleString('en-US', { maximumFractionDigits: 1 })} MB`;
}
