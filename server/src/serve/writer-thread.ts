/**
 * The writer thread: holds the store's writer, so that commands on the same data folder write
 * through this process and look-ups never wait for a write. `stores/` serves the clients of its
 * socket.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { composeWriter } from '../compose.ts';
import { UsherError } from '../domain/errors.ts';
import { lowerThreadPriority } from './lower-thread-priority.ts';
import {
  type FromThread,
  type ToThread,
  type WriterThreadData,
  writerThreadName,
} from './thread-messages.ts';

async function runWriterThread({ settings }: WriterThreadData): Promise<void> {
  try {
    lowerThreadPriority(writerThreadName);
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

await runWriterThread(workerData as WriterThreadData);
