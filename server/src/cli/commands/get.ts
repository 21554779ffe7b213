/** `usher get`: prints what the API answers for an identity, with every content field. */
import type { Command } from 'commander';
import {
  type ContactIdentitiesView,
  explainContact,
} from '../../administration/contact/explain-contact.ts';
import { DatasetAges } from '../../lookup/dataset-ages.ts';
import { lookupContact } from '../../lookup/lookup-contact.ts';
import { compileLookupPlan, type LookupPlan } from '../../lookup/lookup-plan.ts';
import type { Amendment } from '../../stores/privacy-answer.ts';
import { contactIdText } from '../../stores/read-record.ts';
import { type LentContact, recordOnly } from '../../stores/store.ts';
import { addOrganizationOption, type CommandFrame, type CommandSession } from '../command-frame.ts';
import { readIdentity, withContactCaller } from '../contact/contact-call.ts';
import { identityRows } from '../contact/contact-words.ts';
import { exitCodes, UsageError } from '../exit-code.ts';
import { withReader } from '../with-administration.ts';

interface GetOptions {
  readonly identities?: boolean;
  readonly fields?: string;
  readonly format: string;
}

export function defineGetCommand(command: Command, frame: CommandFrame): void {
  addOrganizationOption(command)
    .argument('<identity>', 'the identity as type:value, such as email:tom@hello.com')
    .option(
      '--fields <names>',
      'the fields to show, separated by commas (default: all content fields)',
    )
    .option('--format <format>', 'how values are written: display (for people) or raw', 'display')
    .option(
      '--identities',
      'show the identities of the contact instead, with the rows that claim them',
    )
    .addHelpText('after', examples)
    .action(frame.action(get));
}

const examples = `
Examples:
  usher get email:tom@hello.com
  usher get user_id:4711 --fields first_name,total_lifetime_value --format raw
  usher get email:tom@hello.com --identities

Exit code 3: no contact has this identity.`;

async function get(
  session: CommandSession,
  identity: string,
  options: GetOptions,
): Promise<number | undefined> {
  const { format, identities = false } = options;
  if (format !== 'display' && format !== 'raw')
    throw new UsageError('--format must be display or raw.');
  const fields = options.fields?.split(',') ?? null;
  if (fields?.includes(''))
    throw new UsageError('--fields contains an empty name. Separate names by one comma.');
  if (identities && fields !== null)
    throw new UsageError('Give either --fields or --identities. Identities have no fields.');
  return withContactCaller(session, async (caller) => {
    const { organization } = caller;
    const key = readIdentity(organization, identity);
    const organizationId = organization.organization.id;
    const plan = compileLookupPlan({ organization, allowedFields: null, fields, format });
    return withReader(session.settings, async (reader) => {
      if (identities) return tellIdentities(session, await explainContact(caller, reader, key));
      const asked = { organizationId, identity: key, plan, parts: plan.parts };
      const datasetAges = new DatasetAges(reader, () => performance.now());
      const ages = plan.mayWithhold ? { datasetAges, isTold: false } : undefined;
      const nowMs = caller.administration.clock();
      const contact = await lookupContact(reader, { ...asked, nowMs, ages });
      if (contact === undefined) return tellMissing(session);
      tellContact(session, plan, contact.json);
      tellAmended(session, plan, await reader.readAmendments(organizationId, key));
      const id = await reader.lendContact({ ...asked, parts: recordOnly }, contactIdOf);
      if (id !== undefined) tellContactId(session, id);
      return undefined;
    });
  });
}

function tellIdentities({ output, json }: CommandSession, shown: ContactIdentitiesView): undefined {
  if (json) {
    output.data(shown, () => '');
    return;
  }
  output.table(identityRows(shown), {
    IDENTITY: (row) => row.identity,
    DATASET: (row) => row.dataset,
    'ROW KEY': (row) => row.key,
    SINCE: (row) => row.since,
    EFFECT: (row) => row.effect,
  });
  output.message(`contact id: id:${shown.contact_id}`);
  for (const id of shown.other_ids) output.message(`also: id:${id}`);
  for (const { field, at } of shown.amended) output.message(amendedWords(field, at));
}

function amendedWords(field: string, at: string): string {
  return `amended: ${field} (${at.slice(0, 16).replace('T', ' ')})`;
}

/** Names the shown fields whose values a person set. */
function tellAmended(
  { output }: CommandSession,
  { sections, slots }: LookupPlan,
  amendments: readonly Amendment[] | undefined,
): void {
  const amendedAtMs = new Map(amendments?.map(({ fieldId, atMs }) => [fieldId, atMs]));
  for (const section of sections) {
    for (const [place, slot] of section.slots.entries()) {
      const atMs = amendedAtMs.get(section.fieldIds[place] ?? 0);
      const name = slots[slot]?.name;
      if (atMs === undefined || name === undefined) continue;
      output.message(amendedWords(name, new Date(atMs).toISOString()));
    }
  }
}

function tellMissing({ organization, output }: CommandSession): number {
  output.message(
    `No contact of the organization ${organization} has this identity. Check its type and spelling.`,
  );
  return exitCodes.notFound;
}

function contactIdOf({ record }: LentContact): string {
  return contactIdText(record.bytes);
}

/** Prints the identity `id:...`, which every contact has. No field returns this identity. */
function tellContactId(session: CommandSession, contactId: string): void {
  const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(contactId);
  session.output.message(`contact id: id:${parts?.slice(1).join('-')}`);
}

function tellContact(session: CommandSession, plan: LookupPlan, json: string): void {
  for (const { name, reason } of plan.omissions) {
    session.output.message(`left out: ${name} (${reason.replace('_', ' ')})`);
  }
  const contact: unknown = JSON.parse(Buffer.from(json, 'latin1').toString());
  session.output.data({ status: 'success', contact }, (answer) => JSON.stringify(answer, null, 2));
}
