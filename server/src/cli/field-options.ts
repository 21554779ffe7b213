/** The flags that set the settings of a field. */
import type { Command } from 'commander';
import type { FieldSettings } from '../administration/field-settings.ts';
import { parseSwitch } from './command-frame.ts';
import { UsageError } from './exit-code.ts';

export interface FieldOptions {
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

/** @param typeWords what the flag `--type` does */
export function addFieldOptions(command: Command, typeWords: string): Command {
  return command
    .option('--content <on|off>', 'whether look-ups may return the field', parseSwitch)
    .option('--condition <on|off>', 'whether rules may use the field', parseSwitch)
    .option('--display-name <text>', "the name that people see; '' removes it")
    .option('--description <text>', "the description that people see; '' removes it")
    .option('--type <type>', typeWords)
    .option(
      '--currency <code>',
      "the currency of its amounts, such as EUR; '' for the organization's currency",
    )
    .option('--implied-value <json>', 'the answer for a contact without a value, as JSON')
    .option(
      '--sensitivity <word>',
      "the harm of a leak: public, internal, personal or sensitive; '' removes it",
    );
}

/** An empty text removes what was set. */
export function fieldSettingsOf({
  impliedValue,
  type,
  organization: _,
  ...texts
}: FieldOptions): FieldSettings {
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
