/** `usher exclusion-group`: sets, lists, shows and removes exclusion groups. */
import { type Command, InvalidArgumentError } from 'commander';
import {
  listExclusionGroups,
  putExclusionGroup,
  readExclusionGroup,
  removeExclusionGroup,
} from '../../administration/flow/exclusion-groups.ts';
import type { GroupShareRequest } from '../../administration/flow/flow-request.ts';
import { yamlText } from '../catalog-file/write-catalog-file.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import { withOrganization } from '../with-administration.ts';

export function defineExclusionGroupCommand(group: Command, frame: CommandFrame): void {
  addOrganizationOption(group.command('set'))
    .description('Create an exclusion group, or change it. What is not given stays')
    .argument('<name>', 'its name')
    .option('--flow <flow=percent>', 'a flow with its share; repeatable', collectShare)
    .option('--unit <type>', 'what decides the slot: contact, or an identity type')
    .option('--salt <text>', 'what makes its slots independent of others (default: its name)')
    .addHelpText(
      'after',
      exampleText('usher exclusion-group set Mails --flow "Spring mail=40" --flow 142309=60'),
    )
    .action(frame.action(set));
  addOrganizationOption(group.command('list'))
    .description('List all exclusion groups, by name')
    .addHelpText('after', exampleText('usher exclusion-group list'))
    .action(frame.action(list));
  addOrganizationOption(group.command('show'))
    .description('Show an exclusion group with its slots, as a part of a catalog file')
    .argument('<name>', 'its name')
    .addHelpText('after', exampleText('usher exclusion-group show Mails'))
    .action(frame.action(show));
  addOrganizationOption(group.command('remove'))
    .description('Remove an exclusion group. Its flows stay')
    .argument('<name>', 'its name')
    .addHelpText('after', exampleText('usher exclusion-group remove Mails'))
    .action(frame.action(remove));
}

function collectShare(
  text: string,
  before: readonly GroupShareRequest[] | undefined,
): readonly GroupShareRequest[] {
  const place = text.lastIndexOf('=');
  if (place < 1) throw new InvalidArgumentError('Give a flow and its share, such as 142309=40.');
  const share = parseNumber(text.slice(place + 1));
  return [...(before ?? []), { flow: text.slice(0, place), share }];
}

interface SetOptions {
  readonly flow?: readonly GroupShareRequest[];
  readonly unit?: string;
  readonly salt?: string;
}

async function set(
  session: CommandSession,
  name: string,
  { flow: flows, unit, salt }: SetOptions,
): Promise<void> {
  const given = {
    ...(flows !== undefined && { flows }),
    ...(unit !== undefined && { unit }),
    ...(salt !== undefined && { salt }),
  };
  const group = await withOrganization(session, (administration, id) =>
    putExclusionGroup(administration, id, { name, ...given }),
  );
  if (session.json) session.output.data(group, () => '');
  session.output.message(`Set the exclusion group ${name}.`);
}

async function list(session: CommandSession): Promise<void> {
  session.output.table(await withOrganization(session, listExclusionGroups), {
    NAME: ({ name }) => name,
    UNIT: ({ unit }) => unit,
    FLOWS: ({ flows }) => flows.map(({ flow, share }) => `${flow} ${share} %`).join(', ') || '-',
  });
}

async function show(session: CommandSession, name: string): Promise<void> {
  const group = await withOrganization(session, (administration, id) =>
    readExclusionGroup(administration, id, name),
  );
  const { name: shown, ...members } = group;
  session.output.data(group, () => yamlText({ exclusion_groups: { [shown]: members } }).trimEnd());
}

async function remove(session: CommandSession, name: string): Promise<void> {
  await withOrganization(session, (administration, id) =>
    removeExclusionGroup(administration, id, name),
  );
  session.output.message(`Removed the exclusion group ${name}.`);
}
