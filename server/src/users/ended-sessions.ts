/**
 * Sessions that their users ended while the catalog could not be written: every thread of the
 * process refuses them until the catalog has it.
 */
import { BroadcastChannel } from 'node:worker_threads';
import type { UserSession } from '../domain/user/user.ts';
import { endedRetryMs } from './limits.ts';

interface Ended {
  readonly digest: string;
  readonly endMs: number;
}

export class EndedSessions {
  readonly #clock: () => number;
  readonly #ends = new Map<string, number>();
  /** What the catalog does not have yet, of sessions that this thread ended. */
  readonly #unwritten = new Set<() => Promise<void>>();
  readonly #channel = new BroadcastChannel('usher ended sessions');

  /** @param clock milliseconds since the epoch */
  constructor(clock: () => number) {
    this.#clock = clock;
    this.#channel.onmessage = (event) => this.#add((event as { readonly data: Ended }).data);
    this.#channel.unref();
  }

  has(digest: string): boolean {
    return this.#ends.has(digest);
  }

  /** @param end ends it in the catalog. Called until it succeeds, or the session is over. */
  add({ digest, endMs }: UserSession, end: () => Promise<unknown>): void {
    this.#add({ digest, endMs });
    this.#channel.postMessage({ digest, endMs } satisfies Ended);
    const write = async () => {
      if (this.#clock() < endMs) await end();
      this.#unwritten.delete(write);
    };
    this.#unwritten.add(write);
    const again = () => {
      write().catch(() => setTimeout(again, endedRetryMs).unref());
    };
    setTimeout(again, endedRetryMs).unref();
  }

  /** Tries once more. Call it before the catalog is closed. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.#unwritten].map((write) => write()));
  }

  #add({ digest, endMs }: Ended): void {
    for (const [old, oldEndMs] of this.#ends) {
      if (this.#clock() >= oldEndMs) this.#ends.delete(old);
    }
    this.#ends.set(digest, endMs);
  }
}
