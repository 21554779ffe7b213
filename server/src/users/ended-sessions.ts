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
    const again = () => {
      if (this.#clock() >= endMs) return;
      end().catch(() => setTimeout(again, endedRetryMs).unref());
    };
    setTimeout(again, endedRetryMs).unref();
  }

  #add({ digest, endMs }: Ended): void {
    for (const [old, oldEndMs] of this.#ends) {
      if (this.#clock() >= oldEndMs) this.#ends.delete(old);
    }
    this.#ends.set(digest, endMs);
  }
}
