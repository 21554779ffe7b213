/** Notes in the catalog how far a run is, for people who watch it from elsewhere. */
import type { RunProgress } from '../domain/dataset/run-progress.ts';
import { progressNotedMs } from './limits.ts';
import type { PullDependencies } from './pulled-source.ts';

/**
 * Tells `onProgress` everything, and the catalog each new phase and otherwise the newest state once
 * a second. That a note was not written does not matter: the next one follows.
 */
export function notingProgress(
  { catalog, onProgress }: Pick<PullDependencies, 'catalog' | 'onProgress'>,
  runId: string,
  elapsedMs: () => number,
): (progress: RunProgress) => void {
  let noted: { readonly phase: RunProgress['phase']; readonly atMs: number } | undefined;
  return (progress) => {
    onProgress(progress);
    const atMs = elapsedMs();
    const { phase } = progress;
    if (noted?.phase === phase && atMs - noted.atMs < progressNotedMs) return;
    noted = { phase, atMs };
    catalog.saveRunProgress(runId, progress).catch(() => undefined);
  };
}
