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
import { yamlText } from '../catalog-file/write-catalog-file.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import { defineMembersCommand } from '../contact/export-contacts.ts';
import { definePreviewCommand } from '../contact/preview-segment.ts';
import { UsageError } from '../exit-code.ts';
import { editLines, ruleCell } from '../rule-words.ts';
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
  addOrganizationOption(segment.command('list'))
    .description('List all segments, by id')
    .addHelpText('after', exampleText('usher segment list'))
    .action(frame.action(list));
  addOrganizationOption(segment.command('show'))
    .description('Show a segment, as a part of a catalog file')
    .argument('<segment>', 'its name or id')
    .addHelpText('after', exampleText('usher segment show "High spenders"'))
    .action(frame.action(show));
  addOrganizationOption(segment.command('remove'))
    .description('Remove a segment that no rule uses. Its id is never used again')
    .argument('<segment>', 'its name or id')
    .addHelpText('after', exampleText('usher segment remove "High spenders"'))
    .action(frame.action(remove));
  definePreviewCommand(addOrganizationOption(segment.command('preview')), frame);
  defineMembersCommand(addOrganizationOption(segment.command('members')), frame);
  addOrganizationOption(segment.command('history'))
    .description('List the edits of a segment: who changed what, and when')
    .argument('<segment>', 'its name or id; an id also finds a segment that was removed')
    .addHelpText('after', exampleText('usher segment history "High spenders"'))
    .action(frame.action(history));
}

const examples = `
Examples:
  usher segment create "High spenders" --rule 'total_spend > 1000 && territory == "1"'
  usher segment create VIPs --rule 'in_segment("High spenders") && last_order > now - days(90)'
  usher segment preview VIPs
  usher segment members VIPs
  usher segment history VIPs`;

async function create(
  session: CommandSession,
  name: string,
  {
    rule,
    description,
    id,
  }: { readonly rule: string; readonly description?: string; readonly id?: number },
): Promise<void> {
  const given = {
    ...(description !== undefined && { description }),
    ...(id !== undefined && { id }),
  };
  const made = await withOrganization(session, (administration, organizationId) =>
    createSegment(administration, organizationId, { name, rule, ...given }),
  );
  told(session, made, `Created the segment ${made.name} with the id ${made.id}.`);
}

interface EditOptions {
  readonly rule?: string;
  readonly name?: string;
  readonly description?: string;
}

async function edit(
  session: CommandSession,
  reference: string,
  { rule, name, description }: EditOptions,
): Promise<void> {
  const given = {
    ...(rule !== undefined && { rule }),
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
  };
  if (Object.keys(given).length === 0) {
    throw new UsageError('Give what to change: --rule, --name or --description.');
  }
  const segment = await withOrganization(session, (administration, id) =>
    editSegment(administration, id, { reference, ...given }),
  );
  told(session, segment, `Changed the segment ${segment.name}. A running server uses it at once.`);
}

function told(session: CommandSession, segment: SegmentView, words: string): void {
  if (session.json) session.output.data(segment, () => '');
  session.output.message(words);
}

async function list(session: CommandSession): Promise<void> {
  session.output.table(await withOrganization(session, listSegments), {
    ID: ({ id }) => String(id),
    NAME: ({ name }) => name,
    RULE: ({ rule }) => ruleCell(rule),
    DESCRIPTION: ({ description }) => description ?? '-',
  });
}

async function show(session: CommandSession, reference: string): Promise<void> {
  const segment = await withOrganization(session, (administration, id) =>
    readSegment(administration, id, reference),
  );
  const { name, ...document } = segment;
  const { description, ...others } = document;
  const shown = { ...others, ...(description !== null && { description }) };
  session.output.data(segment, () => yamlText({ segments: { [name]: shown } }).trimEnd());
}

async function remove(session: CommandSession, reference: string): Promise<void> {
  const { name } = await withOrganization(session, (administration, id) =>
    removeSegment(administration, id, reference),
  );
  session.output.message(`Removed the segment ${name}.`);
}

async function history(session: CommandSession, reference: string): Promise<void> {
  const edits = await withOrganization(session, (administration, id) =>
    listSegmentEdits(administration, id, reference),
  );
  session.output.data(edits, () => editLines(edits, session.io));
}
