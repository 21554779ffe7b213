/** `usher user`: manages who may use the console. A link is printed once, alone on stdout. */
import { type RoleName, roleNames } from '@usher/contract/roles';
import { type Command, Option } from 'commander';
import type { Administration } from '../../administration/administration.ts';
import { givenMembers } from '../../domain/given-members.ts';
import {
  inviteUser,
  type LinkedUser,
  linkUser,
  listUsers,
  resetUser,
  revokeUser,
  type UserManager,
} from '../../users/manage-users.ts';
import { userKeysOf } from '../../users/user-keys.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
} from '../command-frame.ts';
import { withOrganization, withOrganizationMade } from '../with-administration.ts';
import { serverUrl } from './serve.ts';

interface CreateOptions {
  readonly email: string;
  readonly role: RoleName;
  readonly name?: string;
}

const userArgument = ['<user>', "the user's id or e-mail address"] as const;

export function defineUserCommand(user: Command, frame: CommandFrame): void {
  user.addHelpText('after', userHelp);
  addOrganizationOption(user.command('create'))
    .description('Invite a user, and print a link that works once, within 7 days')
    .requiredOption('--email <e-mail>', 'the e-mail address that the user signs in with')
    .addOption(
      new Option('--role <role>', 'what the user may do').choices(roleNames).makeOptionMandatory(),
    )
    .option('--name <name>', 'the name of the user; the user can change it')
    .addHelpText(
      'after',
      exampleText('usher user create --email ana@example.com --role engineer --name Ana'),
    )
    .action(frame.action(create));
  addOrganizationOption(user.command('list'))
    .description('List the users')
    .addHelpText('after', exampleText('usher user list', 'usher user list --json'))
    .action(frame.action(list));
  addOrganizationOption(user.command('reset'))
    .description("End a user's sessions, password and second factor, and print a link for new ones")
    .argument(...userArgument)
    .addHelpText('after', exampleText('usher user reset ana@example.com'))
    .action(frame.action(reset));
  addOrganizationOption(user.command('link'))
    .description('Print another link for a user. The password counts until the link is used')
    .argument(...userArgument)
    .addHelpText('after', exampleText('usher user link ana@example.com'))
    .action(frame.action(link));
  addOrganizationOption(user.command('revoke').alias('delete'))
    .description('Revoke a user at once')
    .argument(...userArgument)
    .addHelpText('after', exampleText('usher user revoke ana@example.com'))
    .action(frame.action(revoke));
}

const userHelp = `
USER is a user's id or e-mail address. Usher sends no e-mail: give the printed link to the user
yourself. The link begins with the address of the server in the settings (--host, --port).`;

async function create(session: CommandSession, options: CreateOptions): Promise<void> {
  const { email, role } = options;
  const invitation = { email, role, ...givenMembers({ name: options.name }) };
  const linked = await withOrganizationMade(session, (administration, id) =>
    inviteUser(managerOf(session, administration, id), invitation),
  );
  showLink(session, linked, `Invited ${linked.user.email} as ${linked.user.role}.`);
}

async function list(session: CommandSession): Promise<void> {
  const users = await withOrganization(session, (administration, id) =>
    listUsers(managerOf(session, administration, id)),
  );
  session.output.table(users, {
    ID: (user) => user.id,
    'E-MAIL': (user) => user.email,
    NAME: (user) => user.name,
    ROLE: (user) => user.role,
    STATE: (user) => (user.role_lost_at === null ? user.state : 'no role from its groups'),
    'SECOND FACTOR': (user) => (user.has_totp ? 'yes' : 'no'),
    'LAST SIGN-IN': (user) => user.last_sign_in_at ?? 'never',
  });
}

async function reset(session: CommandSession, reference: string): Promise<void> {
  const linked = await withOrganization(session, (administration, id) =>
    resetUser(managerOf(session, administration, id), reference),
  );
  showLink(session, linked, `Reset ${linked.user.email}: all sessions have ended.`);
}

async function link(session: CommandSession, reference: string): Promise<void> {
  const linked = await withOrganization(session, (administration, id) =>
    linkUser(managerOf(session, administration, id), reference),
  );
  showLink(session, linked, `Made a link for ${linked.user.email}. Earlier ones stop working.`);
}

async function revoke(session: CommandSession, reference: string): Promise<void> {
  const user = await withOrganization(session, (administration, id) =>
    revokeUser(managerOf(session, administration, id), reference),
  );
  if (session.json) session.output.data(user, () => '');
  session.output.message(`Revoked ${user.email}. All sessions have ended.`);
}

function managerOf(
  { settings }: CommandSession,
  administration: Administration,
  organizationId: number,
): UserManager {
  return { administration, organizationId, keys: userKeysOf(settings.dataFolder) };
}

function showLink(session: CommandSession, { user, link: path, endMs }: LinkedUser, words: string) {
  const url = serverUrl(session.settings, session.settings.port) + path;
  const end = new Date(endMs).toISOString().slice(0, 16).replace('T', ' ');
  session.output.data({ link: url, ...user }, () => url);
  session.output.message(
    `${words} The link works once, until ${end} (UTC). It is shown only once: give it to the user.`,
  );
}
