/** `usher computed-field`: creates, edits, lists, shows and removes computed fields. */
import type { Command } from 'commander';
import type { FieldView } from '../../administration/field-view.ts';
import {
  createComputedField,
  editComputedField,
  listComputedFieldEdits,
  listComputedFields,
  readComputedField,
  removeComputedField,
} from '../../administration/rule/computed-fields.ts';
import { givenMembers } from '../../domain/given-members.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
} from '../command-frame.ts';
import {
  type DefinitionCommands,
  defineDefinitionCommands,
  tellDefinition,
} from '../definition-commands.ts';
import { UsageError } from '../exit-code.ts';
import { addFieldOptions, type FieldOptions, fieldSettingsOf } from '../field-options.ts';
import { ruleCell } from '../rule-words.ts';
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
  defineDefinitionCommands(field, frame, commands);
}

const commands: DefinitionCommands<FieldView> = {
  noun: 'computed field',
  hasId: false,
  example: 'tier',
  descriptions: {
    list: 'List all computed fields',
    show: 'Show a computed field and its rule',
    remove: 'Remove a computed field that no rule uses',
  },
  columns: {
    NAME: ({ name }) => name,
    TYPE: typeWords,
    CONTENT: ({ content }) => (content ? 'on' : 'off'),
    CONDITION: ({ condition }) => (condition ? 'on' : 'off'),
    RULE: ({ rule }) => ruleCell(rule),
  },
  list: listComputedFields,
  read: readComputedField,
  text: (field) =>
    [
      `name: ${field.name}`,
      `rule: ${field.rule}`,
      `type: ${typeWords(field)}`,
      `content: ${field.content ? 'on' : 'off'}`,
      `condition: ${field.condition ? 'on' : 'off'}`,
      `implied value: ${JSON.stringify(field.implied_value)}`,
      `sensitivity: ${field.sensitivity ?? '-'}`,
      `description: ${field.description ?? '-'}`,
    ].join('\n'),
  remove: removeComputedField,
  history: listComputedFieldEdits,
};

function typeWords({ type, currency }: FieldView): string {
  return currency === null ? String(type) : `${type} ${currency}`;
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
  const words = `Created the computed field ${made.name} of the type ${made.type}.`;
  tellDefinition(session, made, words);
  for (const warning of made.warnings) session.output.warning(warning);
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
        ...givenMembers({ rule }),
      }),
    ),
  );
  const words = `Changed the computed field ${field.name}. A running server uses it at once.`;
  tellDefinition(session, field, words);
  for (const warning of field.warnings) session.output.warning(warning);
}
