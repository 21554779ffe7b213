/**
 * Whether the server's writer has a place: what is told, and how long is waited, where another
 * process holds the store and does not answer.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { probeStore } from '../compose.ts';
import type { Settings } from '../settings/settings.ts';
import { writerReminderMs } from './limits.ts';

/** Without a bound: a server that reads does its work, and one that ends helps nobody. */
const howLong = `The server waits for it as long as it takes, and says so again every ${writerReminderMs / 1_000} s`;

export interface PlaceOptions {
  readonly settings: Settings;
  readonly stop: AbortSignal;
  /** Told in words what is waited for, at once and again. */
  readonly onWaiting: (detail: string) => void;
}

/**
 * Resolves once the store can be read, with what is to be told if its writer has no place yet.
 * @throws UsherError when it cannot be read at all; the reason of `stop`
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

/** Tells now, and again as long as it is not ended. */
export function remind(tell: (words: string) => void, words: string): { end(): void } {
  tell(words);
  const timer = setInterval(() => tell(words), writerReminderMs);
  return { end: () => clearInterval(timer) };
}

function waitingWords(processId: number | undefined): string {
  return (
    `${holderWords(processId)} Look-ups are served; writes are refused until it answers or ends. ` +
    `${howLong}. If it stands still, end it.`
  );
}

function missingStoreWords(processId: number | undefined): string {
  return (
    `${holderWords(processId)} There is no contact store to read yet, so nothing is served until it answers or ends. ` +
    `${howLong}. If it stands still, end it.`
  );
}

function holderWords(processId: number | undefined): string {
  const who = processId === undefined ? 'Another process' : `The process ${processId}`;
  return `${who} has the contact store for writing, and does not answer.`;
}
