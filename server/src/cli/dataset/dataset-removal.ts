/** `usher dataset remove`: asks, clears the dataset's values from contacts, removes the dataset. */
import { wordsOf } from '../../administration/field-uses.ts';
import type { DatasetRecord } from '../../catalog/catalog.ts';
import { removeDatasetValues } from '../../runs/remove-dataset-values.ts';
import type { CommandSession } from '../command-frame.ts';
import { countOf } from '../import/import-words.ts';
import { writingParts } from '../sync/sync-actions.ts';
import { confirm } from '../terminal/confirm.ts';
import { withOrganization } from '../with-administration.ts';

export async function removeCommand(session: CommandSession, name: string): Promise<void> {
  const { output } = session;
  await withOrganization(session, async (administration, organizationId) => {
    const caller = { administration, organizationId };
    const cleared = await removeDatasetValues(caller, writingParts(session), {
      name,
      agree: async ({ dataset, uses, contacts }) => {
        for (const use of uses) output.warning(wordsOf(use));
        const held = heldWords(dataset, contacts);
        await confirm(session, `Remove the dataset ${name}, and ${held}? This cannot be undone.`);
      },
    });
    if (cleared !== undefined)
      output.message(`Cleared its values from ${countOf(cleared, 'contact')}.`);
    output.message(`Removed the dataset ${name}.`);
  });
}

function heldWords({ definition }: DatasetRecord, contacts: number): string {
  if (definition?.kind === 'membership') return 'the memberships that it reported';
  if (definition?.kind === 'identity') return 'what its rows say about identities';
  return `its values from ${countOf(contacts, 'contact')}`;
}
