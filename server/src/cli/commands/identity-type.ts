/** `usher identity-type`: lists, creates, changes and deletes the types of identities. */
import type { Command } from 'commander';
import { isPlainText, plainTextForm } from '../../administration/dataset/definition-problems.ts';
import {
  addableNormalisations,
  createIdentityType,
  deleteIdentityType,
  listIdentityTypes,
  updateIdentityType,
} from '../../administration/identity-types.ts';
import { maxBlockedLength } from '../../administration/limits.ts';
import { blockedForm, foldValue } from '../../domain/contact/blocked-value.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  collect,
  exampleText,
} from '../command-frame.ts';
import { UsageError } from '../exit-code.ts';
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
  addOrganizationOption(type.command('set'))
    .description('Change which values of a type identify nobody')
    .argument('<name>', 'the identity type, such as email')
    .option('--block <value>', 'a value that identifies nobody; repeatable', collect)
    .option('--unblock <value>', 'a value that is no longer blocked; repeatable', collect)
    .addHelpText('after', setExamples)
    .action(frame.action(set));
  addOrganizationOption(type.command('delete'))
    .description('Delete an identity type that no dataset and no token uses')
    .argument('<name>', 'the name of the identity type')
    .addHelpText('after', exampleText('usher identity-type delete user_id'))
    .action(frame.action(remove));
}

const setExamples = `
Examples:
  usher identity-type set email --block info@example.com --block sales@    sales@ at every domain
  usher identity-type set user_id --unblock guest

A row that names a blocked value does not claim it. Values are compared in every case and every
Unicode form; 0 also stands for all values of zeros only. The next run of each dataset that uses the
type reads every row again. Identities that contacts have already stay.`;

async function list(session: CommandSession): Promise<void> {
  session.output.table(await withOrganization(session, listIdentityTypes), {
    NAME: (type) => type.name,
    NORMALISATION: (type) => type.normalisation,
    'BUILT IN': (type) => (type.built_in ? 'yes' : 'no'),
    BLOCKED: (type) => type.blocked.join(', ') || '-',
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

async function set(
  session: CommandSession,
  name: string,
  options: { readonly block?: readonly string[]; readonly unblock?: readonly string[] },
): Promise<void> {
  const { block = [], unblock = [] } = options;
  if (block.length + unblock.length === 0) {
    throw new UsageError('Give --block VALUE or --unblock VALUE.');
  }
  for (const value of block) {
    if (isPlainText(foldValue(value), maxBlockedLength)) continue;
    throw new UsageError(`--block: Give ${plainTextForm(maxBlockedLength)}.`);
  }
  const changed = await withOrganizationMade(session, async (administration, id) => {
    const known = (await listIdentityTypes(administration, id)).find((type) => type.name === name);
    const dropped = unblock.map((value) => blockedForm(known?.normalisation ?? 'exact', value));
    const kept = (known?.blocked ?? []).filter((value) => !dropped.includes(value));
    return updateIdentityType(administration, id, { name, blocked: [...kept, ...block] });
  });
  if (session.json) session.output.data(changed, () => '');
  session.output.message(`${name} blocks: ${changed.blocked.join(', ') || 'nothing'}.`);
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
