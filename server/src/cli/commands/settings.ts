/** `usher settings`: shows every setting, its value and its source. */
import type { Command } from 'commander';
import { settingNames } from '../../settings/setting-table.ts';
import {
  addSettingOptions,
  type CommandFrame,
  type CommandSession,
  exampleText,
  globalSettings,
} from '../command-frame.ts';

export function defineSettingsCommand(command: Command, frame: CommandFrame): void {
  addSettingOptions(
    command,
    settingNames.filter((name) => !globalSettings.includes(name)),
  );
  command
    .addHelpText('after', exampleText('usher settings', 'USHER_PORT=9000 usher settings --json'))
    .action(frame.action(show));
}

async function show(session: CommandSession): Promise<void> {
  session.output.table(session.shownSettings, {
    SETTING: (setting) => setting.variable,
    FLAG: (setting) => setting.flag.split(' ')[0] ?? '',
    VALUE: (setting) => (setting.value === '' ? '-' : setting.value),
    SOURCE: (setting) => setting.source,
    DESCRIPTION: (setting) => setting.description,
  });
}
