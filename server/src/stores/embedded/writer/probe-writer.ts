/** Finds out which process writes a store, without depending on it. */
import { setTimeout as delay } from 'node:timers/promises';
import { writerProbeMs, writerRetryMs } from '../../limits.ts';
import { findWriterProcess, takeWriterLock } from '../store-locks.ts';
import { writerSocketPath } from './socket-path.ts';
import { WriterClient, WriterGone } from './writer-client.ts';

export type WriterProbe =
  /** Nobody writes; this process may. */
  | { readonly state: 'free' }
  /** Another process writes, and answers. */
  | { readonly state: 'answers' }
  /** Another process holds the lock and does not answer; `processId` if the system shows it. */
  | { readonly state: 'silent'; readonly processId: number | undefined };

/**
 * Takes about `writerProbeMs`.
 * @throws `store_unavailable` if this account may not write here
 */
export async function probeWriter(dataFolder: string): Promise<WriterProbe> {
  const signal = AbortSignal.timeout(writerProbeMs);
  for (;;) {
    const lock = takeWriterLock(dataFolder);
    lock?.release();
    if (lock !== undefined) return { state: 'free' };
    if (await answers(dataFolder, signal)) return { state: 'answers' };
    if (signal.aborted) return { state: 'silent', processId: findWriterProcess(dataFolder) };
    // A process that has just started does not listen yet.
    await delay(writerRetryMs);
  }
}

async function answers(dataFolder: string, signal: AbortSignal): Promise<boolean> {
  const holder = { sessionId: 'probe', processId: process.pid };
  const path = writerSocketPath(dataFolder);
  try {
    const client = await WriterClient.connect(path, holder, { onGone: () => undefined, signal });
    await client.close();
    return true;
  } catch (error) {
    if (error instanceof WriterGone) return false;
    throw error;
  }
}
