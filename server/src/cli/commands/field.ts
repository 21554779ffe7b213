/** `usher field`: lists fields and changes their settings. Importing a dataset creates them. */
import type { Command } from 'commander';
import type { FieldView } from '../../administration/field-view.ts';
import { listFields, updateField } from '../../administration/fields.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
} from '../command-frame.ts';
import { UsageError } from '../exit-code.ts';
import { addFieldOptions, type FieldOptions, fieldSettingsOf } from '../field-options.ts';
import { withConsent } from '../terminal/confirm.ts';
import { withOrganization } from '../with-administration.ts';

export function defineFieldCommand(field: Command, frame: CommandFrame): void {
  addOrganizationOption(field.command('list'))
    .description('List all fields, built-in ones first')
    .addHelpText('after', exampleText('usher field list'))
    .action(frame.action(list));
  addFieldOptions(
    addOrganizationOption(field.command('set'))
      .description('Change the settings of a field. Settings that are not given stay')
      .argument('<name>', 'the name of the field'),
    'the type of its values; can change only while no dataset has filled the field',
  )
    .addHelpText('after', setExamples)
    .action(frame.action(set));
}

const setExamples = `
Examples:
  usher field set total_lifetime_value --content off
  usher field set visits --implied-value 0
  usher field set revenue --currency EUR
  usher field set segment_membership --content on    a built-in field`;

async function list(session: CommandSession): Promise<void> {
  session.output.table(await withOrganization(session, listFields), {
    NAME: (field) => field.name,
    TYPE: typeWords,
    DATASET: (field) => field.dataset ?? (field.rule === null ? '-' : 'computed'),
    CONTENT: (field) => (field.content ? 'on' : 'off'),
    CONDITION: (field) => (field.condition ? 'on' : 'off'),
    'IMPLIED VALUE': (field) => JSON.stringify(field.implied_value),
    'DISPLAY NAME': (field) => field.display_name ?? '-',
  });
}

function typeWords({ type, currency }: FieldView): string {
  return currency === null ? (type ?? 'built-in') : `${type} ${currency}`;
}

async function set(session: CommandSession, name: string, options: FieldOptions): Promise<void> {
  const settings = fieldSettingsOf(options);
  if (Object.keys(settings).length === 0) {
    throw new UsageError(
      'Give a setting to change, such as --content off. All settings: usher field set --help',
    );
  }
  const field = await withOrganization(session, (administration, id) =>
    withConsent(session, (force) => updateField(administration, id, { name, settings, force })),
  );
  if (session.json) session.output.data(field, () => '');
  for (const warning of field.warnings) session.output.warning(warning);
  session.output.message(`Changed the field ${field.name}. A running server uses it at once.`);
}
