/**
 * The writer as a process of its own, in place of the writer thread: used when another process held
 * the store at the start and did not answer. It waits without a bound, even in a system call that
 * does not return, while the server reads. `server-part.ts` starts it:
 *
 *     node writer-process.ts DATA_FOLDER PARENT_PROCESS_ID
 */
import { setPriority } from 'node:os';
import { composeWriter } from '../compose.ts';
import { UsherError } from '../domain/errors.ts';
import { endWithParent } from '../sources/end-with-parent.ts';
import type { FromThread, ToThread } from './thread-messages.ts';

const lowPriority = 10;

async function runWriterProcess(dataFolder: string): Promise<void> {
  setPriority(lowPriority);
  // A terminal signals all of its processes. This one ends only with its server.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  try {
    const writer = await composeWriter({ dataFolder }, { failoverMs: Number.POSITIVE_INFINITY });
    process.on('message', async ({ kind }: ToThread) => {
      if (kind !== 'close') return;
      await writer.close();
      process.exit(0);
    });
    tell({ kind: 'loaded' });
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    tell({ kind: 'failed', code: error.code, detail: error.detail });
  }
}

function tell(message: FromThread): void {
  process.send?.(message);
}

const [, , dataFolder = '', parentId] = process.argv;
endWithParent(parentId);
await runWriterProcess(dataFolder);
