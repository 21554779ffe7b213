/**
 * Waits for the store at the start of a server while another process holds it and does not answer,
 * and tells the operator so.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { probeStore } from '../compose.ts';
import type { Settings } from '../settings/settings.ts';
import { writerReminderMs } from './limits.ts';

/** The wait has no bound: a server that reads is useful, and one that ends is not. */
const howLong = `The server waits without a limit and repeats this every ${writerReminderMs / 1_000} s`;

export interface PlaceOptions {
  readonly settings: Settings;
  readonly stop: AbortSignal;
  /** Called with a sentence at once, and again now and then. */
  readonly onWaiting: (detail: string) => void;
}

/**
 * Resolves once the store can be read. The result says what the writer still waits for, if
 * anything.
 * @throws UsherError when the store cannot be read; the reason of `stop`
 */
export async function findWriterPlace(options: PlaceOptions): Promise<string | undefined> {
  const { settings, stop, onWaiting } = options;
  let told: ReturnType<typeof remind> | undefined;
  try {
    for (;;) {
      const { writer, isReadable } = await probeStore(settings);
      stop.throwIfAborted();
      if (writer.state !== 'silent') return undefined;
      if (isReadable) return waitingWords(writer.processId);
      told ??= remind(onWaiting, missingStoreWords(writer.processId));
      await delay(0);
    }
  } finally {
    told?.end();
  }
}

/** Calls `tell` now and then until it is ended. */
export function remind(tell: (words: string) => void, words: string): { end(): void } {
  tell(words);
  const timer = setInterval(() => tell(words), writerReminderMs);
  return { end: () => clearInterval(timer) };
}

function waitingWords(processId: number | undefined): string {
  return (
    `${holderWords(processId)} Look-ups are served; writes are refused until it answers or ends. ` +
    `${howLong}. If it hangs, end it.`
  );
}

function missingStoreWords(processId: number | undefined): string {
  return (
    `${holderWords(processId)} There is no contact store to read yet, so nothing is served until it answers or ends. ` +
    `${howLong}. If it hangs, end it.`
  );
}

function holderWords(processId: number | undefined): string {
  const who = processId === undefined ? 'Another process' : `The process ${processId}`;
  return `${who} has the contact store open for writing and does not answer.`;
}
