/**
 * Ends the reading of a caller whose rights end meanwhile: the session was signed out, the token
 * revoked, the role taken away. Changes that have begun are completed.
 */
import type { Operation } from '@usher/contract/operation';
import type { Problem } from '../domain/problem.ts';
import type { Awaitable } from '../stores/store.ts';
import type { AnyAnswer, StreamAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { rightsLookMs } from './limits.ts';
import { endedRights, type LongCall } from './still-allowed.ts';

/** Whether the operation shows something and changes nothing: it may end at any time. */
export function isReading({ access, permission, showsContacts }: Operation): boolean {
  return permission !== undefined && (access.endsWith(':read') || showsContacts === true);
}

/** Looks twice a second, from half a second on: most calls have ended by then. */
export class RightsWatch {
  readonly #aborter = new AbortController();
  readonly #ended: Promise<Problem>;
  #timer: NodeJS.Timeout | undefined;

  constructor(call: LongCall, context: ApiContext, { permission }: Operation) {
    this.#ended = new Promise((resolve) => {
      const look = async () => {
        if (permission === undefined) return;
        // The catalog may be away for a moment: that takes no rights.
        const ended = await endedRights(call, context, permission).catch(() => undefined);
        if (ended === undefined) this.#timer?.refresh();
        else resolve(ended);
      };
      this.#timer = setTimeout(() => void look(), rightsLookMs).unref();
    });
    void this.#ended.then(() => this.#aborter.abort());
  }

  /** Aborted when the rights end. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** The answer, or the problem if the rights end before; work that listens to `signal` stops. */
  async guard(work: () => Awaitable<AnyAnswer | Problem>): Promise<AnyAnswer | Problem> {
    let isStreamed = false;
    try {
      const answer = await Promise.race([work(), this.#ended]);
      if (!('texts' in answer) || answer.lastText === undefined) return answer;
      isStreamed = true;
      return { ...answer, texts: this.#guardTexts(answer, answer.lastText) };
    } finally {
      if (!isStreamed) this.#stop();
    }
  }

  async *#guardTexts(
    { texts }: StreamAnswer,
    lastText: NonNullable<StreamAnswer['lastText']>,
  ): AsyncGenerator<string> {
    const iterator = texts[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await Promise.race([iterator.next(), this.#ended]);
        if ('code' in next) {
          yield lastText(next);
          return;
        }
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      this.#stop();
      // Not awaited: it ends when the step under way does.
      void iterator.return?.().catch(() => undefined);
    }
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
