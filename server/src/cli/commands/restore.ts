/** `usher restore`: restores a backup into a data folder that is new or empty. */
import type { Command } from 'commander';
import { composeDataFiles } from '../../compose.ts';
import type { CommandFrame, CommandSession } from '../command-frame.ts';
import { walkFiles } from '../walk-files.ts';

export function defineRestoreCommand(command: Command, frame: CommandFrame): void {
  command
    .argument('<dir>', 'the folder of the backup')
    .addHelpText('after', help)
    .action(frame.action(restore));
}

const help = `
Example:
  usher restore /backups/usher-monday --data ./usher-restored

Tokens that were revoked and contacts that were removed after the backup are there again. To check
the tokens: usher token list`;

async function restore(session: CommandSession, folder: string): Promise<void> {
  const { restoreBackup } = await import('../../administration/backup/restore-backup.ts');
  const { manifestData } = await import('../../administration/backup/backup-manifest.ts');
  const parts = await composeDataFiles(session.settings);
  const restored = await walkFiles(session, 'interrupted: nothing was restored.', (options) =>
    restoreBackup(parts, folder, options),
  );
  const { made_at: madeAt, ...data } = manifestData(restored);
  session.output.data({ data_folder: parts.dataFolder, made_at: madeAt, ...data }, () => {
    const digest = restored.store === undefined ? 'no contacts' : restored.store.fullDigest;
    const contacts = (restored.store?.contacts ?? 0).toLocaleString('en-US');
    return `${parts.dataFolder}: ${contacts} contacts, as of ${madeAt}\ndigest: ${digest}`;
  });
  session.output.message(
    'Tokens that were revoked and contacts that were removed after the backup are there again. To check the tokens: usher token list',
  );
}
