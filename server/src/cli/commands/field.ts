/** `usher field`: lists fields and changes their settings. Importing a dataset creates them. */
import { type Command, Option } from 'commander';
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
import { withConsent } from '../terminal/with-consent.ts';
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

export function defineFieldCommand(program: Command, frame: CommandFrame): void {
  const field = program.command('field').description('List fields and change their settings');
  addOrganizationOption(field.command('list'))
    .description('List all fields, built-in ones first')
    .addHelpText('after', exampleText('usher field list'))
    .action(frame.action(list));
  addOrganizationOption(field.command('set'))
    .description('Change the settings that are given')
    .argument('<name>', 'the field')
    .addOption(switchOption('--content <on|off>', 'whether look-ups may answer it'))
    .addOption(switchOption('--condition <on|off>', 'whether rules may use it'))
    .option('--display-name <text>', "its name for people; '' removes it")
    .option('--description <text>', "its description for people; '' removes it")
    .option('--type <type>', 'its type; only while no dataset has filled the field')
    .option(
      '--currency <code>',
      "the currency of its amounts, such as EUR; '' for the organization's",
    )
    .option('--implied-value <json>', 'the answer for a contact without a value, as JSON')
    .option('--sensitivity <word>', "public, internal, personal or sensitive; '' removes it")
    .addHelpText('after', setExamples)
    .action(frame.action(set));
}

const setExamples = `
Examples:
  usher field set total_lifetime_value --content off
  usher field set visits --implied-value 0
  usher field set revenue --currency EUR
  usher field set segment_membership --content on    a built-in field`;

function switchOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(parseSwitch);
}

async function list(
  session: CommandSession,
  options: { readonly organization: string },
): Promise<void> {
  const place = { name: options.organization, make: false };
  const fields = await withOrganization(session, place, listFields);
  session.output.table(fields, {
    NAME: (field) => field.name,
    TYPE: (field) => typeWords(field),
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

async function set(session: CommandSession, options: SetOptions, name = ''): Promise<void> {
  const settings = settingsOf(options);
  if (Object.keys(settings).length === 0) {
    throw new UsageError(
      'Give a setting to change, such as --content off. All settings: usher field set --help',
    );
  }
  const place = { name: options.organization, make: false };
  const field = await withOrganization(session, place, (administration, id) =>
    withConsent(session, (force) => updateField(administration, id, { name, settings, force })),
  );
  if (session.json) session.output.data(field, () => '');
  session.output.message(`Changed the field ${field.name}. A running server uses it at once.`);
}

function settingsOf(options: SetOptions): FieldSettings {
  const { content, condition, displayName, description, type, impliedValue, sensitivity } = options;
  const { currency } = options;
  return {
    ...(content !== undefined && { content }),
    ...(condition !== undefined && { condition }),
    ...(displayName !== undefined && { displayName: displayName === '' ? null : displayName }),
    ...(description !== undefined && { description: description === '' ? null : description }),
    ...(type !== undefined && { type }),
    ...(sensitivity !== undefined && { sensitivity: sensitivity === '' ? null : sensitivity }),
    ...(currency !== undefined && { currency: currency === '' ? null : currency }),
    ...(impliedValue !== undefined && { impliedValue: parseJson(impliedValue) }),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`--implied-value takes JSON, such as 0, false, null or '"none"'.`);
  }
}
