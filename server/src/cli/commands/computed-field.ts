/** `usher computed-field`: creates, edits, lists, shows and removes computed fields. */
import type { Command } from 'commander';
import {
  createComputedField,
  editComputedField,
  listComputedFieldEdits,
  listComputedFields,
  readComputedField,
  removeComputedField,
} from '../../administration/rule/computed-fields.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
} from '../command-frame.ts';
import { UsageError } from '../exit-code.ts';
import { addFieldOptions, type FieldOptions, fieldSettingsOf } from '../field-options.ts';
import { editLines, ruleCell } from '../rule-words.ts';
import { withConsent } from '../terminal/confirm.ts';
import { withOrganization } from '../with-administration.ts';

export function defineComputedFieldCommand(field: Command, frame: CommandFrame): void {
  field.addHelpText('after', examples);
  addFieldOptions(
    addOrganizationOption(field.command('create'))
      .description('Create a field whose values are computed from other fields')
      .argument('<name>', 'its name: 1 to 64 characters of a-z, 0-9 and _')
      .requiredOption('--rule <expression>', 'its value: an expression over other fields'),
    'the type of its values (default: that of the rule)',
  )
    .addHelpText(
      'after',
      exampleText(
        "usher computed-field create city --rule 'coalesce(crm_city, shop_city)'",
        "usher computed-field create margin --rule 'revenue - cost' --type currency",
      ),
    )
    .action(frame.action(create));
  addFieldOptions(
    addOrganizationOption(field.command('edit'))
      .description('Change a computed field. What is not given stays')
      .argument('<name>', 'the name of the computed field')
      .option('--rule <expression>', 'the new expression'),
    'the new type of its values',
  )
    .addHelpText(
      'after',
      exampleText(
        'usher computed-field edit tier --rule \'total_spend > 2000 ? "gold" : "basic"\'',
        'usher computed-field edit tier --content off',
      ),
    )
    .action(frame.action(edit));
  addOrganizationOption(field.command('list'))
    .description('List all computed fields')
    .addHelpText('after', exampleText('usher computed-field list'))
    .action(frame.action(list));
  addOrganizationOption(field.command('show'))
    .description('Show a computed field and its rule')
    .argument('<name>', 'the name of the computed field')
    .addHelpText('after', exampleText('usher computed-field show tier'))
    .action(frame.action(show));
  addOrganizationOption(field.command('remove'))
    .description('Remove a computed field that no rule uses')
    .argument('<name>', 'the name of the computed field')
    .addHelpText('after', exampleText('usher computed-field remove tier'))
    .action(frame.action(remove));
  addOrganizationOption(field.command('history'))
    .description('List the edits of a computed field: who changed what, and when')
    .argument('<name>', 'the name of the computed field')
    .addHelpText('after', exampleText('usher computed-field history tier'))
    .action(frame.action(history));
}

const examples = `
Examples:
  usher computed-field create city --rule 'coalesce(crm_city, shop_city)'
  usher computed-field create tier --rule 'total_spend > 1000 ? "gold" : "basic"'
  usher computed-field history tier`;

interface RuleOptions extends FieldOptions {
  readonly rule?: string;
}

async function create(
  session: CommandSession,
  name: string,
  { rule = '', ...options }: RuleOptions,
): Promise<void> {
  const settings = fieldSettingsOf(options);
  const made = await withOrganization(session, (administration, id) =>
    createComputedField(administration, id, { name, rule, settings }),
  );
  if (session.json) session.output.data(made, () => '');
  session.output.message(`Created the computed field ${made.name} of the type ${made.type}.`);
}

async function edit(
  session: CommandSession,
  name: string,
  { rule, ...options }: RuleOptions,
): Promise<void> {
  const settings = fieldSettingsOf(options);
  if (rule === undefined && Object.keys(settings).length === 0) {
    throw new UsageError('Give what to change, such as --rule or --content.');
  }
  const field = await withOrganization(session, (administration, id) =>
    withConsent(session, (force) =>
      editComputedField(administration, id, {
        ...{ name, settings, force },
        ...(rule !== undefined && { rule }),
      }),
    ),
  );
  if (session.json) session.output.data(field, () => '');
  const words = `Changed the computed field ${field.name}. A running server uses it at once.`;
  session.output.message(words);
}

async function list(session: CommandSession): Promise<void> {
  session.output.table(await withOrganization(session, listComputedFields), {
    NAME: ({ name }) => name,
    TYPE: ({ type, currency }) => (currency === null ? String(type) : `${type} ${currency}`),
    CONTENT: ({ content }) => (content ? 'on' : 'off'),
    CONDITION: ({ condition }) => (condition ? 'on' : 'off'),
    RULE: ({ rule }) => ruleCell(rule),
  });
}

async function show(session: CommandSession, name: string): Promise<void> {
  const field = await withOrganization(session, (administration, id) =>
    readComputedField(administration, id, name),
  );
  session.output.data(field, () =>
    [
      `name: ${field.name}`,
      `rule: ${field.rule}`,
      `type: ${field.type}${field.currency === null ? '' : ` ${field.currency}`}`,
      `content: ${field.content ? 'on' : 'off'}`,
      `condition: ${field.condition ? 'on' : 'off'}`,
      `implied value: ${JSON.stringify(field.implied_value)}`,
      `sensitivity: ${field.sensitivity ?? '-'}`,
      `description: ${field.description ?? '-'}`,
    ].join('\n'),
  );
}

async function remove(session: CommandSession, name: string): Promise<void> {
  await withOrganization(session, (administration, id) =>
    withConsent(session, (force) => removeComputedField(administration, id, { name, force })),
  );
  session.output.message(`Removed the computed field ${name}.`);
}

async function history(session: CommandSession, name: string): Promise<void> {
  const edits = await withOrganization(session, (administration, id) =>
    listComputedFieldEdits(administration, id, name),
  );
  session.output.data(edits, () => editLines(edits, session.io));
}
