/**
 * Refuses to remove a flow while it hides reports of other tools: look-ups would answer them again,
 * because a flow that nobody defined is reported.
 */
import type { CatalogView } from '../../catalog/catalog.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Flow } from '../../domain/flow/flow.ts';
import { drawContacts, isWhole } from '../contact/draw-contacts.ts';
import { contactsForMoves } from '../limits.ts';
import { reportedOutcome } from './flow-outcomes.ts';
import type { Sources } from './last-live.ts';
import type { Mover } from './mover.ts';
import { contactTypeIds } from './read-types.ts';

/**
 * Call it after all writes of a change.
 * @throws UsherError `definition_in_use` with the member `reports`
 */
export async function requireNoReportsBack(
  view: CatalogView,
  { before, after }: Sources,
  mover: Pick<Mover, 'organizationId' | 'contacts' | 'randomBytes'>,
): Promise<void> {
  const gone = [...(before.flows?.values() ?? [])].filter(
    (flow) => hidesReports(flow) && !after.flows?.has(flow.id),
  );
  if (gone.length === 0) return;
  const { organizationId, contacts, randomBytes } = mover;
  const typeIds = await contactTypeIds(view, organizationId);
  const counts = gone.map(() => 0);
  const drawn = await contacts(async (reader) => {
    const { contacts: all } = await reader.counts(organizationId);
    if (all === 0) return undefined;
    const seed = Buffer.from(randomBytes(4)).readUInt32LE();
    const draw = {
      ...{ organizationId, typeIds, memberships: true },
      sample: { seed, wanted: contactsForMoves, contacts: all },
    };
    let read = 0;
    const sample = await drawContacts(reader, draw, (contact): undefined => {
      read += 1;
      for (const [place, { id }] of gone.entries()) {
        if (reportedOutcome(contact, id) !== null) counts[place] = (counts[place] ?? 0) + 1;
      }
    });
    return isWhole(sample) ? 1 : all / Math.max(1, read);
  });
  const place = counts.findIndex((count) => count > 0);
  const flow = gone[place];
  if (drawn === undefined || flow === undefined) return;
  throw reportsBack(flow, Math.round((counts[place] ?? 0) * drawn), drawn === 1);
}

function hidesReports({ kind, status }: Flow): boolean {
  return kind === 'stream' || status !== 'live';
}

function reportsBack({ id, name }: Flow, reports: number, isExact: boolean): UsherError {
  const count = `${isExact ? '' : 'about '}${reports.toLocaleString('en-US')} contact${reports === 1 ? '' : 's'}`;
  return new UsherError(
    'definition_in_use',
    `Without the flow ${name} (${id}), look-ups would answer what other tools reported of it for ${count}. To keep these reports hidden, keep the flow and set its status to ended. To show them, set its kind to reported and its status to live, then remove it.`,
    { members: { users: [], reports } },
  );
}
