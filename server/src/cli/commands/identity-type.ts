/** `usher identity-type`: lists, creates, changes and deletes the types of identities. */
import type { Command } from 'commander';
import { updateIdentityType } from '../../administration/identity-settings.ts';
import {
  addableNormalisations,
  createIdentityType,
  deleteIdentityType,
  type IdentityTypeView,
  listIdentityTypes,
} from '../../administration/identity-types.ts';
import {
  maxBlockedLength,
  maxPerContactRange,
  sharedLimitRange,
} from '../../administration/limits.ts';
import { blockedForm, foldValue } from '../../domain/contact/blocked-value.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { isPlainText, plainTextForm } from '../../domain/text-characters.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  collect,
  exampleText,
  parseNumber,
  parseYesNo,
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
    .description('Change the settings of an identity type. Settings that are not given stay')
    .argument('<name>', 'the identity type, such as email')
    .option('--joins <yes|no>', 'whether rows that name the same value are one contact', parseYesNo)
    .option(
      '--stable <yes|no>',
      'whether two values are always two contacts; at most one type is stable',
      parseYesNo,
    )
    .option(
      '--max-per-contact <number>',
      `how many values one contact may have: ${rangeText(maxPerContactRange)}`,
      parseNumber,
    )
    .option(
      '--shared-limit <number>',
      `how many rows of one dataset may name the same value: ${rangeText(sharedLimitRange)}`,
      parseNumber,
    )
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

function rangeText({ min, max }: { readonly min: number; readonly max: number }): string {
  return `${min} to ${max}`;
}

const setExamples = `
Examples:
  usher identity-type set customer_no --stable yes
  usher identity-type set phone --joins no
  usher identity-type set email --block info@example.com --block sales@    sales@ at every domain
  usher identity-type set user_id --unblock guest

A row that names a blocked value does not claim it. Values are compared in every case and every
Unicode form; 0 also stands for all values of zeros only. After a change of --stable or of the
blocked values, the next run of each dataset that uses the type reads every row again.`;

async function list(session: CommandSession): Promise<void> {
  session.output.table(await withOrganization(session, listIdentityTypes), {
    NAME: (type) => type.name,
    NORMALISATION: (type) => type.normalisation,
    'BUILT IN': (type) => yesNo(type.built_in),
    JOINS: (type) => yesNo(type.joins),
    STABLE: (type) => yesNo(type.stable),
    'MAX PER CONTACT': (type) => String(type.max_per_contact ?? '-'),
    'SHARED LIMIT': (type) => String(type.shared_limit ?? '-'),
    BLOCKED: (type) => type.blocked.join(', ') || '-',
  });
}

function yesNo(flag: boolean | undefined): string {
  if (flag === undefined) return '-';
  return flag ? 'yes' : 'no';
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

interface SetOptions {
  readonly joins?: boolean;
  readonly stable?: boolean;
  readonly maxPerContact?: number;
  readonly sharedLimit?: number;
  readonly block?: readonly string[];
  readonly unblock?: readonly string[];
}

async function set(session: CommandSession, name: string, options: SetOptions): Promise<void> {
  const { joins, stable, maxPerContact, sharedLimit, block = [], unblock = [] } = options;
  const rules = givenMembers({ joins, isStable: stable, maxPerContact, sharedLimit });
  const hasRules = Object.keys(rules).length > 0;
  const hasBlocked = block.length + unblock.length > 0;
  if (!hasRules && !hasBlocked) {
    throw new UsageError(
      'Give a setting to change, such as --stable yes or --block VALUE. All settings: usher identity-type set --help',
    );
  }
  for (const value of block) {
    if (isPlainText(foldValue(value), maxBlockedLength)) continue;
    throw new UsageError(`--block: Give ${plainTextForm(maxBlockedLength)}.`);
  }
  const changed = await withOrganizationMade(session, async (administration, id) => {
    const known = (await listIdentityTypes(administration, id)).find((type) => type.name === name);
    const blocked = hasBlocked && { blocked: changeList(known, block, unblock) };
    return updateIdentityType(administration, id, { name, settings: { ...rules, ...blocked } });
  });
  if (session.json) session.output.data(changed, () => '');
  if (hasRules) session.output.message(rulesOf(changed));
  if (hasBlocked) {
    session.output.message(`${name} blocks: ${changed.blocked.join(', ') || 'nothing'}.`);
  }
}

function changeList(
  known: IdentityTypeView | undefined,
  block: readonly string[],
  unblock: readonly string[],
): readonly string[] {
  const dropped = unblock.map((value) => blockedForm(known?.normalisation ?? 'exact', value));
  const kept = (known?.blocked ?? []).filter((value) => !dropped.includes(value));
  return [...kept, ...block];
}

function rulesOf(type: IdentityTypeView): string {
  return `${type.name}: joins ${yesNo(type.joins)}, stable ${yesNo(type.stable)}, max per contact ${type.max_per_contact}, shared limit ${type.shared_limit}.`;
}

async function remove(session: CommandSession, name: string): Promise<void> {
  const known = await withOrganization(session, listIdentityTypes);
  // A type that does not exist, or is built in, is refused without asking.
  if (known.some((type) => type.name === name && !type.built_in)) {
    await confirm(session, `${name} will no longer find contacts. Delete it?`);
  }
  await withOrganization(session, (administration, id) =>
    deleteIdentityType(administration, id, { reference: name }),
  );
  session.output.message(`Deleted the identity type ${name}.`);
}
