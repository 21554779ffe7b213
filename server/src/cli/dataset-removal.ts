/**
 * `usher dataset remove`: asks, has the dataset's values cleared from contacts, then takes it out
 * of the catalog.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Administration } from '../administration/administration.ts';
import { planRemoval, removeDataset } from '../administration/dataset/remove-dataset.ts';
import { wordsOf } from '../administration/field-uses.ts';
import type { DatasetRecord } from '../catalog/catalog.ts';
import { dataFiles } from '../domain/data-files.ts';
import type { CommandSession } from './command-frame.ts';
import { confirm } from './confirm.ts';
import { datasetSections } from './dataset-sections.ts';
import { runDependencies } from './sync-actions.ts';
import { withOrganization } from './with-administration.ts';

export async function removeCommand(
  session: CommandSession,
  options: { readonly organization: string },
  name = '',
): Promise<void> {
  const place = { name: options.organization, make: false };
  await withOrganization(session, place, async (administration, organizationId) => {
    const { dataset, uses } = await planRemoval(administration, organizationId, name);
    const sections = await datasetSections(session.settings, organizationId, dataset.id);
    for (const use of uses) session.output.warning(wordsOf(use));
    const held =
      dataset.definition?.kind === 'membership'
        ? 'what it reported of contacts'
        : `its values from ${sections} contacts`;
    await confirm(session, `Remove the dataset ${name}, and ${held}? This cannot be taken back.`);
    if (existsSync(join(session.settings.dataFolder, dataFiles.contacts))) {
      await clear(session, { administration, organizationId, dataset });
    }
    const left = await datasetSections(session.settings, organizationId, dataset.id);
    const removal = { name, force: true, sections: left, isCleared: true };
    await removeDataset(administration, organizationId, removal);
    session.output.message(`The dataset ${name} is removed.`);
  });
}

async function clear(
  session: CommandSession,
  place: {
    readonly administration: Administration;
    readonly organizationId: number;
    readonly dataset: DatasetRecord;
  },
): Promise<void> {
  const { clearDataset } = await import('../sync/apply/clear-dataset.ts');
  const { administration, organizationId, dataset } = place;
  const { dataFolder } = session.settings;
  const cleared = await clearDataset(
    { ...runDependencies(session, administration, organizationId), dataFolder },
    dataset,
  );
  session.output.message(`Cleared from ${cleared} contacts.`);
}
