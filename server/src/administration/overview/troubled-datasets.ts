/** Datasets that somebody should look at: their last run broke off, or no row has ever come. */
import type { Run } from '../../catalog/catalog.ts';
import { rfc3339 } from '../administration.ts';
import type { DatasetState } from './dataset-states.ts';

export interface StatedDataset {
  readonly state: DatasetState;
  /** Of its runs; `undefined`: it has none. */
  readonly lastRun: Run | undefined;
}

export function viewTroubles(datasets: readonly StatedDataset[]) {
  return datasets.flatMap(({ state, lastRun }) => {
    const trouble = troubleOf(state, lastRun);
    if (trouble === undefined) return [];
    const { name, source, retry_at: retryAt, next_sync_at: nextAt, paused_by: pausedBy } = state;
    const endedAtMs = lastRun?.endedAtMs ?? null;
    return [
      {
        ...{ dataset: name, source, trouble },
        since: endedAtMs === null ? null : rfc3339(endedAtMs),
        error_code: lastRun?.errorCode ?? null,
        ...{ next_try_at: retryAt ?? nextAt, paused_by: pausedBy },
      },
    ];
  });
}

function troubleOf({ kind, contacts, as_of: asOf }: DatasetState, lastRun: Run | undefined) {
  if (lastRun?.state === 'failed') return 'run_failed';
  if (lastRun?.state === 'interrupted') return 'run_interrupted';
  const isEmpty = kind !== null && contacts === 0 && asOf === null;
  return isEmpty && lastRun === undefined ? 'no_rows' : undefined;
}
