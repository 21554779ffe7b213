/** `usher identity-type`: lists, creates and deletes the types of identities. */
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
import { withOrganization, withOrganizationMade } from '../with-administration.ts';

export function defineIdentityTypeCommand(type: Command, frame: CommandFrame): void {
  addOrganizationOption(type.command('list'))
    .description('List all identity types, built-in ones first')
    .addHelpText('after', exampleText('usher identity-type list'))
    .action(frame.action(list));
  addOrganizationOption(type.command('create'))
    .description('Create an identity type')
    .argument('<name>', 'its name, before the colon: 1 to 64 characters of a-z, 0-9, - and _')
    .option(
      '--normalisation <kind>',
      `how values are normalised: ${addableNormalisations.join(', ')}`,
      'exact',
    )
    .addHelpText(
      'after',
      exampleText(
        'usher identity-type create user_id',
        'usher identity-type create phone --normalisation phone',
      ),
    )
    .action(frame.action(create));
  addOrganizationOption(type.command('delete'))
    .description('Delete an identity type that no dataset and no token uses')
    .argument('<name>', 'the name of the identity type')
    .addHelpText('after', exampleText('usher identity-type delete user_id'))
    .action(frame.action(remove));
}

async function list(session: CommandSession): Promise<void> {
  session.output.table(await withOrganization(session, listIdentityTypes), {
    NAME: (type) => type.name,
    NORMALISATION: (type) => type.normalisation,
    'BUILT IN': (type) => (type.built_in ? 'yes' : 'no'),
  });
}

async function create(
  session: CommandSession,
  name: string,
  { normalisation }: { readonly normalisation: string },
): Promise<void> {
  const made = await withOrganizationMade(session, (administration, id) =>
    createIdentityType(administration, id, { name, normalisation }),
  );
  if (session.json) session.output.data(made, () => '');
  session.output.message(`Created the identity type ${made.name} (${made.normalisation}).`);
}

async function remove(session: CommandSession, name: string): Promise<void> {
  const known = await withOrganization(session, listIdentityTypes);
  // A type that does not exist, or is built in, is refused without asking.
  if (known.some((type) => type.name === name && !type.built_in)) {
    await confirm(session, `${name} will no longer find contacts. Delete it?`);
  }
  await withOrganization(session, (administration, id) =>
    deleteIdentityType(administration, id, name),
  );
  session.output.message(`Deleted the identity type ${name}.`);
}
