/** `usher compact`: rewrites the data folder without free space and removed data. */
import type { Command } from 'commander';
import { composeDataFiles, isCatalogThere } from '../../compose.ts';
import { UsherError } from '../../domain/errors.ts';
import type { CommandFrame, CommandSession } from '../command-frame.ts';
import { completeErasures, openWords } from '../privacy/complete-erasures.ts';
import { megabytes, walkFiles } from '../walk-files.ts';
import { withAdministration } from '../with-administration.ts';

export function defineCompactCommand(command: Command, frame: CommandFrame): void {
  command
    .addHelpText(
      'after',
      '\nAfterwards no file of the data folder has anything that was removed before. The command needs as\nmuch free disk space as the contacts take. If it is stopped or killed, the store stays as it was.',
    )
    .action(frame.action(compact));
}

async function compact(session: CommandSession): Promise<void> {
  const { compactData } = await import('../../administration/compact-data.ts');
  const open = await completeErasures(session, { mayConvert: true });
  if (open.length > 0) {
    throw new UsherError(
      'store_unavailable',
      `${openWords(open)} What they remove would stay in the compacted store. To complete them: usher privacy list. Then compact again.`,
    );
  }
  const { dataFolder, storeIn, catalogIn } = await composeDataFiles(session.settings);
  const hasCatalog = await isCatalogThere(session.settings);
  const catalog = hasCatalog ? await catalogIn(dataFolder) : undefined;
  const awaitedUploads = hasCatalog ? await findAwaited(session) : new Set<string>();
  const stoppedWords = 'interrupted. The store stays as it was.';
  const report = await walkFiles(session, stoppedWords, (options) =>
    compactData({ dataFolder, store: storeIn(dataFolder), catalog, awaitedUploads }, options),
  );
  const { bytesBefore, bytesAfter, fullDigest } = report;
  const data = { bytes_before: bytesBefore, bytes_after: bytesAfter, full_digest: fullDigest };
  session.output.data(
    data,
    () => `${megabytes(bytesBefore)} before, ${megabytes(bytesAfter)} now\ndigest: ${fullDigest}`,
  );
}

async function findAwaited(session: CommandSession): Promise<ReadonlySet<string>> {
  const { findAwaitedUploads } = await import('../../runs/give-upload.ts');
  return withAdministration(session, false, ({ catalog }) =>
    findAwaitedUploads(catalog, session.settings.dataFolder),
  );
}
