/** At the start of a server: waits while another process holds the store and does not answer. */
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
      if (isReadable) {
        return waitingWords(writer.processId, 'Look-ups are served; writes are refused');
      }
      const nothing = 'There is no contact store to read yet, so nothing is served';
      told ??= remind(onWaiting, waitingWords(writer.processId, nothing));
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

/** @param what what happens until the process answers or ends */
function waitingWords(processId: number | undefined, what: string): string {
  const who = processId === undefined ? 'Another process' : `The process ${processId}`;
  return (
    `${who} has the contact store open for writing and does not answer. ` +
    `${what} until it answers or ends. ${howLong}. If it hangs, end it.`
  );
}
