/** `usher get`: prints what the API answers for an identity, with every content field. */
import type { Command } from 'commander';
import { identityDigest, isIdentityProblem, parseIdentity } from '../../domain/contact/identity.ts';
import { UsherError } from '../../domain/errors.ts';
import { lookupContact } from '../../lookup/lookup-contact.ts';
import { compileLookupPlan, type LookupPlan } from '../../lookup/lookup-plan.ts';
import { contactIdText } from '../../stores/read-record.ts';
import { type LentContact, recordOnly } from '../../stores/store.ts';
import { addOrganizationOption, type CommandFrame, type CommandSession } from '../command-frame.ts';
import { exitCodes, UsageError } from '../exit-code.ts';
import { withOrganization, withReader } from '../with-administration.ts';

interface GetOptions {
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
    .addHelpText('after', examples)
    .action(frame.action(get));
}

const examples = `
Examples:
  usher get email:tom@hello.com
  usher get user_id:4711 --fields first_name,total_lifetime_value --format raw

Exit code 3: no contact has this identity.`;

async function get(
  session: CommandSession,
  identity: string,
  options: GetOptions,
): Promise<number | undefined> {
  const { format } = options;
  if (format !== 'display' && format !== 'raw')
    throw new UsageError('--format must be display or raw.');
  const fields = options.fields?.split(',') ?? null;
  if (fields?.includes(''))
    throw new UsageError('--fields contains an empty name. Separate names by one comma.');
  return withOrganization(session, async ({ catalog }, organizationId) => {
    const state = (await catalog.loadState()).organizations.get(organizationId);
    if (state === undefined) throw organizationGone(session);
    const parsed = parseIdentity(identity, state.identityTypes);
    if (isIdentityProblem(parsed)) throw new UsherError(parsed.code, parsed.detail);
    const plan = compileLookupPlan({ organization: state, allowedFields: null, fields, format });
    const { type, value } = parsed;
    const key = { typeId: type.id, digest: identityDigest(type.normalisation, value) };
    return withReader(session.settings, async (reader) => {
      const asked = { organizationId, identity: key, plan, parts: plan.parts };
      const contact = await lookupContact(reader, asked);
      if (contact === undefined) return tellMissing(session);
      tellContact(session, plan, contact.json);
      const id = await reader.lendContact({ ...asked, parts: recordOnly }, contactIdOf);
      if (id !== undefined) tellContactId(session, id);
      return undefined;
    });
  });
}

function organizationGone({ organization }: CommandSession): UsherError {
  return new UsherError(
    'internal',
    `The organization ${organization} no longer exists. To list the organizations: usher organization list`,
  );
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
