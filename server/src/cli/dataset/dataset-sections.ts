/** How many contacts hold values of a dataset. It can be removed only when none do. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { composeReader } from '../../compose.ts';
import { dataFiles } from '../../domain/data-files.ts';
import type { Settings } from '../../settings/settings.ts';

export async function datasetSections(
  settings: Settings,
  organizationId: number,
  datasetId: number,
): Promise<number> {
  if (!existsSync(join(settings.dataFolder, dataFiles.contacts))) return 0;
  const reader = await composeReader(settings);
  try {
    const { sections } = await reader.datasetCounts(organizationId, datasetId);
    return sections;
  } finally {
    await reader.close();
  }
}
