/** `usher settings`: shows every setting, its value and its source. Secrets are masked. */
import type { Command } from 'commander';
import { settingNames } from '../../settings/setting-table.ts';
import { addSettingOptions, type CommandFrame, type CommandSession } from '../command-frame.ts';

export function defineSettingsCommand(program: Command, frame: CommandFrame): void {
  const settings = program
    .command('settings')
    .description('Show every setting, its value and its source');
  addSettingOptions(
    settings,
    settingNames.filter((name) => name !== 'dataFolder' && name !== 'logLevel'),
  );
  settings
    .addHelpText('after', '\nExamples:\n  usher settings\n  USHER_PORT=9000 usher settings --json')
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
