/** `usher organization`: lists and creates organizations, and changes their settings. */
import type { Command } from 'commander';
import type {
  OrganizationChange,
  OrganizationSettings,
  OrganizationView,
} from '../../administration/organization-settings.ts';
import {
  createOrganization,
  findOrganizationId,
  listFollowingFields,
  listOrganizations,
  readOrganization,
  updateOrganization,
} from '../../administration/organizations.ts';
import { relabelledWords } from '../catalog-file/relabelled-words.ts';
import {
  type CommandFrame,
  type CommandSession,
  collect,
  exampleText,
  parseNumber,
  parseYesNo,
} from '../command-frame.ts';
import { UsageError } from '../exit-code.ts';
import { withAdministration } from '../with-administration.ts';

export function defineOrganizationCommand(organization: Command, frame: CommandFrame): void {
  organization.command('list').description('List all organizations').action(frame.action(list));
  addSettings(organization.command('create'))
    .description('Create an organization')
    .argument('<name>', 'its name: 1 to 63 characters of a-z, 0-9, - and _')
    .addHelpText(
      'after',
      exampleText('usher organization create shop-de --currency EUR --locale de-DE'),
    )
    .action(frame.action(create));
  addSettings(organization.command('set'))
    .option(
      '--trust <dataset>',
      "a dataset in the order of trust, the most trusted first; repeatable; '' empties the order",
      collect,
    )
    .description('Change the settings of an organization. Settings that are not given stay')
    .argument('<name>', 'the name of the organization')
    .addHelpText('after', setExamples)
    .action(frame.action(set));
}

const setExamples = `
Examples:
  usher organization set default --rate-limit 200
  usher organization set default --time-zone America/New_York
  usher organization set default --trust crm --trust shop    where they disagree, crm is right
  usher organization set default --unknown-contact-status 400    an unknown contact gets 400, not 404`;

function addSettings(command: Command): Command {
  return command
    .option(
      '--rate-limit <number>',
      'units per second for all tokens together: 1 to 100000 (for a new organization: 50)',
      parseNumber,
    )
    .option(
      '--currency <code>',
      'the currency of amounts: an ISO 4217 code, such as EUR (for a new organization: USD)',
    )
    .option(
      '--locale <locale>',
      'how money is shown: a BCP 47 locale, such as de-DE (for a new organization: en-US)',
    )
    .option(
      '--time-zone <zone>',
      'the zone of times that name none: an IANA time zone, such as Europe/Berlin, or Z',
    )
    .option(
      '--unknown-contact-status <number>',
      'the HTTP status for unknown contacts: 404 or 400',
      parseNumber,
    )
    .option(
      '--token-pool-max <number>',
      'how many live tokens the organization may have: 1 to 1000',
      parseNumber,
    )
    .option(
      '--token-max-age-days <number>',
      'the age of a token, in days, from which Usher warns about it: 1 to 3650',
      parseNumber,
    )
    .option(
      '--separate-approval <yes|no>',
      'whether a second person must approve a change that needs approval (for a new organization: no)',
      parseYesNo,
    );
}

async function list(session: CommandSession): Promise<void> {
  const organizations = await withAdministration(session, false, listOrganizations);
  session.output.table(organizations, {
    NAME: (organization) => organization.name,
    'RATE LIMIT': (organization) => String(organization.rate_limit),
    CURRENCY: (organization) => organization.currency,
    LOCALE: (organization) => organization.locale,
    'TIME ZONE': (organization) => organization.time_zone,
    'UNKNOWN CONTACT': (organization) => String(organization.unknown_contact_status),
    'TOKEN POOL': (organization) => String(organization.token_pool_max),
    'TOKEN AGE': (organization) => `${organization.token_max_age_days} d`,
    'SEPARATE APPROVAL': (organization) => (organization.separate_approval ? 'yes' : 'no'),
    TRUST: (organization) => organization.trust.join(', ') || '-',
  });
}

async function create(
  session: CommandSession,
  name: string,
  settings: OrganizationSettings,
): Promise<void> {
  const made = await withAdministration(session, true, (administration) =>
    createOrganization(administration, name, settings),
  );
  show(session, made, `Created the organization ${made.name}.`);
}

async function set(
  session: CommandSession,
  name: string,
  options: OrganizationChange,
): Promise<void> {
  const trust = options.trust?.filter((dataset) => dataset !== '');
  const settings = { ...options, ...(trust && { trust }) };
  if (Object.keys(settings).length === 0) {
    throw new UsageError(
      'Give a setting to change, such as --rate-limit 200. All settings: usher organization set --help',
    );
  }
  const changed = await withAdministration(session, false, async (administration) => {
    const id = await findOrganizationId(administration, name);
    const before = await readOrganization(administration, id);
    const after = await updateOrganization(administration, id, { settings });
    if (before.currency !== after.currency) {
      const followers = await listFollowingFields(administration, id);
      if (followers.length > 0) session.output.warning(relabelledWords(followers));
    }
    return after;
  });
  show(session, changed, `Changed the organization ${name}. A running server uses it at once.`);
}

function show(session: CommandSession, organization: OrganizationView, words: string): void {
  if (session.json) session.output.data(organization, () => '');
  session.output.message(words);
}
