/** `usher restore`: restores a backup into a data folder that is new or empty. */
import { type Command, Option } from 'commander';
import type { ErasedOnRestore, Restored } from '../../administration/backup/restore-backup.ts';
import { composeDataFiles } from '../../compose.ts';
import type { DescribedList } from '../../stores/suppression-files.ts';
import { type CommandFrame, type CommandSession, collect } from '../command-frame.ts';
import { countOf } from '../import/import-words.ts';
import { walkFiles } from '../walk-files.ts';

export function defineRestoreCommand(command: Command, frame: CommandFrame): void {
  command
    .argument('<dir>', 'the folder of the backup')
    .option(
      '--suppression <file>',
      'a suppression list to apply too, with its key beside it; repeatable',
      collect,
    )
    .addOption(withoutList())
    .addHelpText('after', help)
    .action(frame.action(restore));
}

/** Lists that are found count all the same, so the flag has a name of its own. */
function withoutList(): Option {
  const option = new Option(
    '--no-suppression',
    'restore with no other suppression list than that of the backup',
  );
  option.attributeName = () => 'mayBeMissing';
  return option.preset('yes');
}

const help = `
Examples:
  usher restore /backups/usher-monday --data ./usher-restored --suppression ./usher-data/suppression/KEYID.list
  usher restore /backups/usher-monday --data ./usher-restored --no-suppression    if nobody was erased since

People on a suppression list are erased from the restored contacts. The command applies the lists of
the backup, those in the folder \`suppression\` of the data folder, and those that you give. The
lists of the backup lack everyone who was erased after it, so the command refuses without another
list: give the newest list of the data folder that you replace. It warns if there is no
newer copy of the data folder's own list. If nobody was erased since the backup, or the newest list is lost,
add --no-suppression.

Tokens that were revoked and contacts that were removed after the backup are there again. To check
the tokens: usher token list`;

interface RestoreFlags {
  readonly suppression?: readonly string[];
  readonly mayBeMissing?: string;
}

async function restore(
  session: CommandSession,
  folder: string,
  { suppression = [], mayBeMissing }: RestoreFlags,
): Promise<void> {
  const { restoreBackup } = await import('../../administration/backup/restore-backup.ts');
  const { manifestData } = await import('../../administration/backup/backup-manifest.ts');
  const parts = await composeDataFiles(session.settings);
  const choice = { files: suppression, mayBeMissing: mayBeMissing !== undefined };
  const restored = await walkFiles(session, 'interrupted: nothing was restored.', (options) =>
    restoreBackup(parts, folder, { ...options, suppression: choice }),
  );
  const { manifest, store, lists, erased, warning } = restored;
  const { made_at: madeAt, ...data } = manifestData({ ...manifest, store, suppression: lists });
  const all = {
    ...{ data_folder: parts.dataFolder, made_at: madeAt },
    ...data,
    suppression: lists.map(listData),
    erased: erasedData(erased),
  };
  session.output.data(all, () => {
    const digest = store === undefined ? 'no contacts' : store.fullDigest;
    const contacts = (store?.contacts ?? 0).toLocaleString('en-US');
    return `${parts.dataFolder}: ${contacts} contacts, as of ${madeAt}\ndigest: ${digest}`;
  });
  for (const list of lists) session.output.message(listWords(list));
  if (warning !== undefined) session.output.warning(warning);
  session.output.message(erasedWords(restored));
  session.output.message(
    'Tokens that were revoked and contacts that were removed after the backup are there again. To check the tokens: usher token list',
  );
}

function listData({ keyId, entries, newestAtMs }: DescribedList) {
  const newestAt = newestAtMs === null ? null : new Date(newestAtMs).toISOString();
  return { key_id: keyId, entries, newest_at: newestAt };
}

function listWords(list: DescribedList): string {
  const { key_id: keyId, entries, newest_at: newestAt } = listData(list);
  const newest = newestAt === null ? '' : `, the newest from ${newestAt}`;
  return `Suppression list ${keyId}: ${countOf(entries, 'keyed digest')}${newest}.`;
}

function erasedData({ contacts, rows, keptRows }: ErasedOnRestore) {
  return { contacts, rows, kept_rows: keptRows };
}

function erasedWords({ lists, erased }: Restored): string {
  const entries = lists.reduce((sum, list) => sum + list.entries, 0);
  if (entries === 0) return 'Erased nobody: no suppression list names anyone.';
  const { contacts, rows, keptRows } = erased;
  const others = keptRows === 0 ? '' : ` ${countOf(keptRows, 'row')} of others let an identity go.`;
  return `Removed ${countOf(contacts, 'contact')} with ${countOf(rows, 'row')}.${others}`;
}
