/** How many contacts hold values of a dataset. It can be removed only when none do. */
import type { Settings } from '../../settings/settings.ts';
import { withReaderIfAny } from '../with-administration.ts';

export function datasetSections(
  settings: Settings,
  organizationId: number,
  datasetId: number,
): Promise<number> {
  return withReaderIfAny(settings, async (reader) => {
    const counts = await reader?.datasetCounts(organizationId, datasetId);
    return counts?.sections ?? 0;
  });
}
