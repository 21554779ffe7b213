/** `usher backup`: makes a consistent copy of the data folder, also while a server runs. */
import type { Command } from 'commander';
import manifest from '../../../package.json' with { type: 'json' };
import { composeBackup } from '../../compose.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import type { CommandFrame, CommandSession } from '../command-frame.ts';
import { completeErasures, openWords } from '../privacy/complete-erasures.ts';
import { megabytes, walkFiles } from '../walk-files.ts';

export function defineBackupCommand(command: Command, frame: CommandFrame): void {
  command
    .argument('<dir>', 'a folder that is new or empty; its parent must exist')
    .addHelpText('after', help)
    .action(frame.action(backup));
}

const help = `
Examples:
  usher backup /backups/usher-monday
  usher backup "/backups/usher-$(date +%F)" --quiet    from cron

The backup contains contacts and the digests of tokens. Only its owner can read it.`;

async function backup(session: CommandSession, folder: string): Promise<void> {
  const { makeBackup } = await import('../../administration/backup/make-backup.ts');
  const { manifestData } = await import('../../administration/backup/backup-manifest.ts');
  const { clock } = session.io;
  const open = await completeErasures(session, { mayConvert: false });
  const parts = await composeBackup(session.settings, { release: manifest.version, clock });
  const made = await walkFiles(session, 'interrupted: no backup was made.', (options) =>
    makeBackup(parts, folder, options),
  );
  const bytes = made.files.reduce((sum, file) => sum + file.bytes, 0);
  session.output.data({ folder, ...manifestData(made) }, () => {
    const digest = made.store === undefined ? 'no contacts yet' : made.store.fullDigest;
    const contacts = (made.store?.contacts ?? 0).toLocaleString('en-US');
    return `${terminalName(folder)}: ${contacts} contacts, ${made.files.length} files, ${megabytes(bytes)}\ndigest: ${digest}`;
  });
  if (open.length > 0) {
    session.output.warning(
      `${openWords(open)} The backup may hold people whom they erase. A folder that is restored from it erases them, too. To complete them here: usher privacy list. Then make another backup, and delete this one.`,
    );
  }
}
