/** `usher field`: lists fields and changes their settings. Importing a dataset creates them. */
import type { Command } from 'commander';
import type { FieldSettings } from '../../administration/field-settings.ts';
import type { FieldView } from '../../administration/field-view.ts';
import { listFields, updateField } from '../../administration/fields.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
  parseSwitch,
} from '../command-frame.ts';
import { UsageError } from '../exit-code.ts';
import { withConsent } from '../terminal/confirm.ts';
import { withOrganization } from '../with-administration.ts';

interface SetOptions {
  readonly organization: string;
  readonly content?: boolean;
  readonly condition?: boolean;
  readonly displayName?: string;
  readonly description?: string;
  readonly type?: string;
  readonly impliedValue?: string;
  readonly sensitivity?: string;
  readonly currency?: string;
}

export function defineFieldCommand(field: Command, frame: CommandFrame): void {
  addOrganizationOption(field.command('list'))
    .description('List all fields, built-in ones first')
    .addHelpText('after', exampleText('usher field list'))
    .action(frame.action(list));
  addOrganizationOption(field.command('set'))
    .description('Change the settings of a field. Settings that are not given stay')
    .argument('<name>', 'the name of the field')
    .option('--content <on|off>', 'whether look-ups may return the field', parseSwitch)
    .option('--condition <on|off>', 'whether rules may use the field', parseSwitch)
    .option('--display-name <text>', "the name that people see; '' removes it")
    .option('--description <text>', "the description that people see; '' removes it")
    .option(
      '--type <type>',
      'the type of its values; can change only while no dataset has filled the field',
    )
    .option(
      '--currency <code>',
      "the currency of its amounts, such as EUR; '' for the organization's currency",
    )
    .option('--implied-value <json>', 'the answer for a contact without a value, as JSON')
    .option(
      '--sensitivity <word>',
      "the harm of a leak: public, internal, personal or sensitive; '' removes it",
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
    DATASET: (field) => field.dataset ?? '-',
    CONTENT: (field) => (field.content ? 'on' : 'off'),
    CONDITION: (field) => (field.condition ? 'on' : 'off'),
    'IMPLIED VALUE': (field) => JSON.stringify(field.implied_value),
    'DISPLAY NAME': (field) => field.display_name ?? '-',
  });
}

function typeWords({ type, currency }: FieldView): string {
  return currency === null ? (type ?? 'built-in') : `${type} ${currency}`;
}

async function set(session: CommandSession, name: string, options: SetOptions): Promise<void> {
  const settings = settingsOf(options);
  if (Object.keys(settings).length === 0) {
    throw new UsageError(
      'Give a setting to change, such as --content off. All settings: usher field set --help',
    );
  }
  const field = await withOrganization(session, (administration, id) =>
    withConsent(session, (force) => updateField(administration, id, { name, settings, force })),
  );
  if (session.json) session.output.data(field, () => '');
  session.output.message(`Changed the field ${field.name}. A running server uses it at once.`);
}

/** An empty text removes what was set. */
function settingsOf({ impliedValue, type, organization: _, ...texts }: SetOptions): FieldSettings {
  const given = Object.entries(texts).map(([name, value]) => [name, value === '' ? null : value]);
  return {
    ...Object.fromEntries(given),
    ...(type !== undefined && { type }),
    ...(impliedValue !== undefined && { impliedValue: parseJson(impliedValue) }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--implied-value must be JSON, such as 0, false, null or '"none"'.`);
  }
}
