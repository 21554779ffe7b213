/** `usher identity-type`: the kinds of identities that contacts are found by. */
import type { Command } from 'commander';
import {
  addableNormalisations,
  createIdentityType,
  deleteIdentityType,
  listIdentityTypes,
} from '../../administration/identity-types.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
} from '../command-frame.ts';
import { confirm } from '../terminal/confirm.ts';
import { withOrganization } from '../with-administration.ts';

interface OrganizationOptions {
  readonly organization: string;
}

export function defineIdentityTypeCommand(program: Command, frame: CommandFrame): void {
  const type = program
    .command('identity-type')
    .description('the kinds of identities that contacts are found by');
  addOrganizationOption(type.command('list'))
    .description('all of them, the built-in ones first')
    .addHelpText('after', exampleText('usher identity-type list'))
    .action(frame.action(list));
  addOrganizationOption(type.command('create'))
    .description('add one')
    .argument('<name>', 'what stands before the colon: 1 to 64 of a-z, 0-9, - and _')
    .option('--normalisation <kind>', addableNormalisations.join(', '), 'exact')
    .addHelpText('after', createExamples)
    .action(frame.action(create));
  addOrganizationOption(type.command('delete'))
    .description('remove one that no dataset and no token names')
    .argument('<name>', 'which')
    .addHelpText('after', exampleText('usher identity-type delete user_id'))
    .action(frame.action(remove));
}

const createExamples = `
Examples:
  usher identity-type create user_id
  usher identity-type create phone --normalisation phone`;

async function list(session: CommandSession, options: OrganizationOptions): Promise<void> {
  const place = { name: options.organization, make: false };
  const types = await withOrganization(session, place, listIdentityTypes);
  session.output.table(types, {
    NAME: (type) => type.name,
    NORMALISATION: (type) => type.normalisation,
    'BUILT IN': (type) => (type.built_in ? 'yes' : 'no'),
  });
}

async function create(
  session: CommandSession,
  options: OrganizationOptions & { readonly normalisation: string },
  name = '',
): Promise<void> {
  const { normalisation } = options;
  const place = { name: options.organization, make: true };
  const made = await withOrganization(session, place, (administration, id) =>
    createIdentityType(administration, id, { name, normalisation }),
  );
  if (session.json) session.output.data(made, () => '');
  session.output.message(`Identity type ${made.name} is made (${made.normalisation}).`);
}

async function remove(
  session: CommandSession,
  options: OrganizationOptions,
  name = '',
): Promise<void> {
  const place = { name: options.organization, make: false };
  const known = await withOrganization(session, place, listIdentityTypes);
  // What is not there, or built in, is refused without a question.
  if (known.some((type) => type.name === name && !type.built_in)) {
    await confirm(session, `Contacts will no longer be found by ${name}. Remove it?`);
  }
  await withOrganization(session, place, (administration, id) =>
    deleteIdentityType(administration, id, name),
  );
  session.output.message(`Identity type ${name} is removed.`);
}
