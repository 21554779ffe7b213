/** Gives the processes that a server starts less of the processor than its look-ups. */
import type { ChildProcess } from 'node:child_process';
import { setPriority } from 'node:os';

/** As `letServersGoFirst` of the command line. */
const lowPriority = 10;

/**
 * Call it right after `spawn`: each thread of the process then gets the priority, and so does the
 * half second of its start. A process can only lower the priority of its main thread by itself.
 */
export function letLookupsGoFirst({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, lowPriority);
  } catch {
    // It has ended already.
  }
}
