/** Whether the process of a run that the catalog lists as running is still there. */
import type { Run } from '../catalog/catalog.ts';
import { isProcessAlive } from '../stores/is-process-alive.ts';
import { runLeaseMs } from '../stores/limits.ts';
import type { ContactReader } from '../stores/store.ts';

/**
 * `dead`: it holds the dataset's lease, and its process has ended. `silent`: it holds no lease, or
 * gives no sign of life. A run is silent for a moment when it ends, until the catalog knows.
 */
export type RunLife = 'alive' | 'silent' | 'dead';

export async function lifeOf(
  { id, organizationId, datasetId }: Run,
  reader: ContactReader,
  nowMs: number,
): Promise<RunLife> {
  const holder = await reader.runHolder(organizationId, datasetId);
  if (holder?.runId !== id) return 'silent';
  const { processId, renewedAtMs } = holder;
  // A container gives a new server the process id of the last one.
  const isOfEarlierServer = processId === process.pid && renewedAtMs < performance.timeOrigin;
  if (isOfEarlierServer || !isProcessAlive(processId)) return 'dead';
  return nowMs - renewedAtMs > runLeaseMs ? 'silent' : 'alive';
}
