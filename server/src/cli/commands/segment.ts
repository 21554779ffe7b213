/** `usher segment`: creates, edits, lists, shows and removes segments. */
import type { Command } from 'commander';
import type { SegmentView } from '../../administration/rule/segment-view.ts';
import {
  createSegment,
  editSegment,
  listSegmentEdits,
  listSegments,
  readSegment,
  removeSegment,
} from '../../administration/rule/segments.ts';
import { givenMembers } from '../../domain/given-members.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import { defineMembersCommand } from '../contact/export-contacts.ts';
import { definePreviewCommand } from '../contact/preview-segment.ts';
import {
  asDocument,
  type DefinitionCommands,
  defineDefinitionCommands,
  tellDefinition,
} from '../definition-commands.ts';
import { UsageError } from '../exit-code.ts';
import { ruleCell } from '../rule-words.ts';
import { withOrganization } from '../with-administration.ts';

export function defineSegmentCommand(segment: Command, frame: CommandFrame): void {
  segment.addHelpText('after', examples);
  addOrganizationOption(segment.command('create'))
    .description('Create a segment from a rule')
    .argument('<name>', 'its name, such as "High spenders"')
    .requiredOption('--rule <rule>', 'which contacts are in it: a rule that gives true or false')
    .option('--description <text>', 'what the segment is for')
    .option('--id <number>', 'its id, if another one than the next is wanted', parseNumber)
    .addHelpText(
      'after',
      exampleText('usher segment create "High spenders" --rule \'total_spend > 1000\''),
    )
    .action(frame.action(create));
  addOrganizationOption(segment.command('edit'))
    .description('Change a segment. What is not given stays')
    .argument('<segment>', 'its name or id')
    .option('--rule <rule>', 'the new rule')
    .option('--name <name>', 'the new name; rules that use the segment show it at once')
    .option('--description <text>', "the new description; '' removes it")
    .addHelpText(
      'after',
      exampleText(
        'usher segment edit "High spenders" --rule \'total_spend > 2000\'',
        'usher segment edit 12 --name "Best customers"',
      ),
    )
    .action(frame.action(edit));
  defineDefinitionCommands(segment, frame, commands);
  definePreviewCommand(addOrganizationOption(segment.command('preview')), frame);
  defineMembersCommand(addOrganizationOption(segment.command('members')), frame);
}

const commands: DefinitionCommands<SegmentView> = {
  noun: 'segment',
  hasId: true,
  example: '"High spenders"',
  descriptions: {
    list: 'List all segments, by id',
    show: 'Show a segment, as a part of a catalog file',
    remove: 'Remove a segment that no rule uses. Its id is never used again',
  },
  columns: {
    ID: ({ id }) => String(id),
    NAME: ({ name }) => name,
    RULE: ({ rule }) => ruleCell(rule),
    DESCRIPTION: ({ description }) => description ?? '-',
  },
  list: listSegments,
  read: readSegment,
  text: ({ name, description, ...others }) =>
    asDocument('segments', name, { ...others, ...(description !== null && { description }) }),
  remove: removeSegment,
  history: listSegmentEdits,
};

const examples = `
Examples:
  usher segment create "High spenders" --rule 'total_spend > 1000 && territory == "1"'
  usher segment create VIPs --rule 'in_segment("High spenders") && last_order > now - days(90)'
  usher segment preview VIPs
  usher segment members VIPs
  usher segment history VIPs`;

interface SegmentOptions {
  readonly id?: number;
  readonly rule?: string;
  readonly name?: string;
  readonly description?: string;
}

async function create(
  session: CommandSession,
  name: string,
  { rule = '', description, id }: SegmentOptions,
): Promise<void> {
  const request = givenMembers({ name, rule, description, id });
  const made = await withOrganization(session, (administration, organizationId) =>
    createSegment(administration, organizationId, request),
  );
  tellDefinition(session, made, `Created the segment ${made.name} with the id ${made.id}.`);
}

async function edit(
  session: CommandSession,
  reference: string,
  { rule, name, description }: SegmentOptions,
): Promise<void> {
  const given = givenMembers({ rule, name, description });
  if (Object.keys(given).length === 0) {
    throw new UsageError('Give what to change: --rule, --name or --description.');
  }
  const segment = await withOrganization(session, (administration, id) =>
    editSegment(administration, id, { reference, ...given }),
  );
  tellDefinition(
    session,
    segment,
    `Changed the segment ${segment.name}. A running server uses it at once.`,
  );
}
