/** `usher dataset remove`: asks, has the dataset's values cleared from contacts, then takes it out of the catalog. */
import { wordsOf } from '../administration/field-uses.ts';
import { planRemoval, removeDataset, stillHeld } from '../administration/remove-dataset.ts';
import { UsherError } from '../domain/errors.ts';
import type { CommandSession } from './command-frame.ts';
import { confirm } from './confirm.ts';
import { datasetSections } from './dataset-sections.ts';
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
    await confirm(
      session,
      `Remove the dataset ${name}, and its values from ${sections} contacts? This cannot be taken back.`,
    );
    if (sections > 0) throw new UsherError('approval_required', stillHeld(name, sections));
    await removeDataset(administration, organizationId, { name, force: true, sections });
    session.output.message(`The dataset ${name} is removed.`);
  });
}
