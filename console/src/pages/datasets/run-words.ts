/** What a run that broke off has written, and which run can be rolled back. */
import type { Run } from '../../api/page-entries.ts';
import type { Formats } from '../../format/formats.ts';

/** Whether the run ended before it was done. The next run goes on where it stopped. */
export function brokeOff({ state }: Run): boolean {
  return state === 'failed' || state === 'interrupted';
}

/** `null` for a run that did not break off, or of which nothing is known. */
export function wroteWords(run: Run, { count }: Formats): string | null {
  if (!brokeOff(run) || run.kind !== 'sync') return null;
  const { done, total } = run.progress ?? { done: 0, total: 0 };
  if (!mayHaveWritten(run)) return 'It wrote nothing.';
  if (done === 0) return 'It broke off when it began to write.';
  return `It wrote about ${count(done)} of ${count(total)} rows before it broke off.`;
}

/** Nothing is known of how far an import came. */
function mayHaveWritten({ kind, progress }: Run): boolean {
  return kind === 'import' || progress?.phase === 'applying';
}

export interface Undoable {
  readonly run: Run;
  /** Earlier runs that broke off, and with which it shares what it wrote. */
  readonly attempts: readonly Run[];
}

/**
 * The run that a rollback undoes: the last one that changed something, unless it was rolled back.
 * @param runs the newest first
 */
export function findUndoable(runs: readonly Run[]): Undoable | undefined {
  let isUndone = false;
  for (const [place, run] of runs.entries()) {
    // What broke off before a rollback was rolled back with it.
    if (run.kind === 'rollback') isUndone ||= run.state === 'succeeded';
    else if (run.state === 'succeeded') {
      const attempts = attemptsBefore(runs.slice(place + 1));
      if (hasChanged(run) || attempts.some(mayHaveWritten)) return { run, attempts };
    } else if (!isUndone && brokeOff(run) && mayHaveWritten(run))
      return { run, attempts: attemptsBefore(runs.slice(place + 1)) };
  }
  return undefined;
}

function hasChanged({ added, changed, cleared, joined, parted, moved, released }: Run): boolean {
  return added + changed + cleared + joined + parted + moved + released > 0;
}

/** What a run wrote that broke off goes on in the next run, and is rolled back with it. */
function attemptsBefore(earlier: readonly Run[]): readonly Run[] {
  const end = earlier.findIndex((run) => run.kind === 'rollback' || !brokeOff(run));
  return end < 0 ? earlier : earlier.slice(0, end);
}
