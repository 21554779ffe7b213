/**
 * `usher compact`: the contact store written anew, without free space and without what was removed.
 */
import type { Command } from 'commander';
import { composeDataFiles } from '../../compose.ts';
import type { CommandFrame, CommandSession } from '../command-frame.ts';
import { megabytes, walkFiles } from '../walk-files.ts';

export function defineCompactCommand(program: Command, frame: CommandFrame): void {
  program
    .command('compact')
    .description('write the contact store anew, without what was removed; no server may run')
    .addHelpText(
      'after',
      '\nIt needs as much free room as the contacts take. Stopped or killed, it leaves the store as it was.',
    )
    .action(frame.action(compact));
}

async function compact(session: CommandSession): Promise<void> {
  const { compactData } = await import('../../administration/compact-data.ts');
  const { dataFolder, storeIn } = await composeDataFiles(session.settings);
  const stoppedWords = 'interrupted: the store is as it was.';
  const report = await walkFiles(session, stoppedWords, (options) =>
    compactData({ dataFolder, store: storeIn(dataFolder) }, options),
  );
  const { bytesBefore, bytesAfter, fullDigest } = report;
  const data = { bytes_before: bytesBefore, bytes_after: bytesAfter, full_digest: fullDigest };
  session.output.data(
    data,
    () => `${megabytes(bytesBefore)} before, ${megabytes(bytesAfter)} now\ndigest: ${fullDigest}`,
  );
}
