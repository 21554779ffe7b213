/** Carries out erasures of the access log where no server runs, which would do it. */
import type { AccessEnds } from '../domain/access-end.ts';
import { takeServerLock } from '../stores/file-lock.ts';
import { accessFolder } from './access-folder.ts';
import { readAccessKeys } from './access-keys.ts';
import { ChainWriter, noteBlock } from './chain-writer.ts';
import { countAccessErasures, ErasureSpool } from './erasure-spool.ts';

/** Does nothing if a server runs, or if no erasure waits. */
export async function completeAccessErasures(
  dataFolder: string,
  clock: () => number,
  ends: AccessEnds,
): Promise<void> {
  if ((await countAccessErasures(dataFolder)) === 0) return;
  const lock = takeServerLock(dataFolder);
  if (lock === undefined) return;
  try {
    const keys = await readAccessKeys(dataFolder);
    const folder = accessFolder(dataFolder);
    const chain = await ChainWriter.open({
      folder,
      keys,
      clock,
      noted: await ends.findAccessEnd(),
    });
    try {
      const spool = new ErasureSpool(folder);
      while (await spool.work(chain));
      await chain.append(noteBlock('end', {}));
      await ends.noteAccessEnd(chain.end);
    } finally {
      await chain.close();
    }
  } finally {
    lock.release();
  }
}
