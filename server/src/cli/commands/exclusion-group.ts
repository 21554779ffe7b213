/** `usher exclusion-group`: sets, lists, shows and removes exclusion groups. */
import { type Command, InvalidArgumentError } from 'commander';
import {
  listExclusionGroups,
  putExclusionGroup,
  readExclusionGroup,
  removeExclusionGroup,
} from '../../administration/flow/exclusion-groups.ts';
import type { GroupShareRequest } from '../../administration/flow/flow-request.ts';
import type { GroupView } from '../../administration/flow/flow-view.ts';
import { givenMembers } from '../../domain/given-members.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import {
  asDocument,
  type DefinitionCommands,
  defineDefinitionCommands,
  tellDefinition,
} from '../definition-commands.ts';
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
  defineDefinitionCommands(group, frame, commands);
}

const commands: DefinitionCommands<GroupView> = {
  noun: 'exclusion group',
  hasId: false,
  example: 'Mails',
  descriptions: {
    list: 'List all exclusion groups, by name',
    show: 'Show an exclusion group with its slots, as a part of a catalog file',
    remove: 'Remove an exclusion group. Its flows stay',
  },
  columns: {
    NAME: ({ name }) => name,
    UNIT: ({ unit }) => unit,
    FLOWS: ({ flows }) => flows.map(({ flow, share }) => `${flow} ${share} %`).join(', ') || '-',
  },
  list: listExclusionGroups,
  read: readExclusionGroup,
  text: ({ name, ...members }) => asDocument('exclusion_groups', name, members),
  remove: removeExclusionGroup,
};

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
  const request = givenMembers({ name, flows, unit, salt });
  const group = await withOrganization(session, (administration, id) =>
    putExclusionGroup(administration, id, request),
  );
  tellDefinition(session, group, `Set the exclusion group ${name}.`);
}
