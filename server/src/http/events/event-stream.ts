/** The events of one client, as text of the form `text/event-stream` (HTML, section 9.2). */
import type { Awaitable } from '../../stores/store.ts';
import { maxQueuedEvents } from '../limits.ts';

export interface StreamOptions {
  /** The token or the user. */
  readonly caller: string;
  /** Whether the caller may still see the events. */
  readonly isAllowed: () => Awaitable<boolean>;
  /** Called once, when the stream has ended for whatever reason. */
  readonly onEnd: () => void;
}

export class EventStream implements AsyncIterable<string> {
  readonly #options: StreamOptions;
  #queue: string[] = [];
  #wake: (() => void) | undefined;
  #isEnded = false;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  get caller(): string {
    return this.#options.caller;
  }

  isAllowed(): Awaitable<boolean> {
    return this.#options.isAllowed();
  }

  /** A client that reads too slowly is dropped; it comes back and asks for what it missed. */
  push(text: string): void {
    if (this.#isEnded) return;
    if (this.#queue.length >= maxQueuedEvents) {
      this.#queue = [];
      this.end();
      return;
    }
    this.#queue.push(text);
    this.#wake?.();
  }

  /** What was pushed is still sent. A second call does nothing. */
  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#wake?.();
    this.#options.onEnd();
  }

  [Symbol.asyncIterator](): AsyncIterator<string> {
    return {
      next: async () => {
        while (this.#queue.length === 0 && !this.#isEnded) await this.#pushed();
        const value = this.#queue.shift();
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      // The client has gone.
      return: async () => {
        this.#queue = [];
        this.end();
        return { done: true, value: undefined };
      },
    };
  }

  #pushed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}

/** One event. JSON has no line ends, so its text is one line. */
export function eventText(name: string, data: object, id?: string): string {
  const own = id === undefined ? '' : `id: ${id}\n`;
  return `${own}event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** A comment, so that proxies and clients see that the connection lives. */
export const heartbeat = ': alive\n\n';
