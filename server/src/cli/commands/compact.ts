/** `usher compact`: rewrites the contact store without free space and removed data. */
import type { Command } from 'commander';
import { composeDataFiles } from '../../compose.ts';
import type { CommandFrame, CommandSession } from '../command-frame.ts';
import { megabytes, walkFiles } from '../walk-files.ts';

export function defineCompactCommand(command: Command, frame: CommandFrame): void {
  command
    .addHelpText(
      'after',
      '\nThe command needs as much free disk space as the contacts take. If it is stopped or killed, the\nstore stays as it was.',
    )
    .action(frame.action(compact));
}

async function compact(session: CommandSession): Promise<void> {
  const { compactData } = await import('../../administration/compact-data.ts');
  const { dataFolder, storeIn } = await composeDataFiles(session.settings);
  const stoppedWords = 'interrupted. The store stays as it was.';
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
