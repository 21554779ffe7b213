/**
 * The writer thread: holds the store's writer, so that commands on the same data folder write
 * through this process and look-ups never wait for a write. `stores/` serves the clients of its
 * socket.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { composeWriter } from '../compose.ts';
import { UsherError } from '../domain/errors.ts';
import type { Settings } from '../settings/settings.ts';
import { type FromThread, type ToThread, writerThreadName } from './thread-messages.ts';

async function runWriterThread(settings: Settings): Promise<void> {
  try {
    lowerPriority();
    const writer = await composeWriter(settings);
    parentPort?.on('message', async (message: ToThread) => {
      if (message.kind !== 'close') return;
      await writer.close();
      parentPort?.close();
    });
    tell({ kind: 'loaded' });
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    tell({ kind: 'failed', code: error.code, detail: error.detail });
  }
}

function tell(message: FromThread): void {
  parentPort?.postMessage(message);
}

const tasks = '/proc/self/task';
/** The same priority as that of the process of an import. */
const lowPriority = 10;

/**
 * Gives look-ups priority over the writer on the same core. On Linux each thread has a priority, by
 * its task id. Node does not tell that id, but the task has the name of its worker.
 */
function lowerPriority(): void {
  if (process.platform !== 'linux') return;
  const nameOf = (id: string) => readFileSync(`${tasks}/${id}/comm`, 'utf8').trim();
  const task = readdirSync(tasks).find((id) => nameOf(id) === writerThreadName);
  if (task !== undefined) setPriority(Number(task), lowPriority);
}

await runWriterThread((workerData as { readonly settings: Settings }).settings);
