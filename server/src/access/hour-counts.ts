/** Counts looks by organization and hour until the catalog has them. */
import { accessOutcomes, accessWays } from '@usher/contract/access-words';
import type { AccessHour } from '../domain/access-hours.ts';
import type { QueuedEntry } from './access-queue.ts';
import { hourMs } from './limits.ts';

type Counts = { -readonly [Member in keyof AccessHour]: AccessHour[Member] };

const revealWay = accessWays.indexOf('reveal');
const withdrawn = accessOutcomes.indexOf('withdrawn');

export class HourCounts {
  #hours = new Map<string, Counts>();
  /** Entries come hour by hour, and mostly of one organization. */
  #last: Counts | undefined;

  get isEmpty(): boolean {
    return this.#hours.size === 0;
  }

  add({ organizationId, atMs, way, outcome, texts }: QueuedEntry): void {
    const counts = this.#find(organizationId, Math.floor(atMs / hourMs));
    counts.looks += 1;
    if (texts[0]?.startsWith('user:') === true) counts.byUsers += 1;
    // A reveal that was refused after it was noted has a second entry.
    if (way === revealWay) counts.reveals += outcome === withdrawn ? -1 : 1;
  }

  /** All counts. Begins anew. */
  take(): readonly AccessHour[] {
    const hours = [...this.#hours.values()];
    this.#hours = new Map();
    this.#last = undefined;
    return hours;
  }

  /** Adds what was taken and could not be written. */
  giveBack(hours: readonly AccessHour[]): void {
    for (const { organizationId, hour, looks, byUsers, reveals } of hours) {
      const counts = this.#find(organizationId, hour);
      counts.looks += looks;
      counts.byUsers += byUsers;
      counts.reveals += reveals;
    }
  }

  #find(organizationId: number, hour: number): Counts {
    const last = this.#last;
    if (last?.hour === hour && last.organizationId === organizationId) return last;
    const key = `${organizationId} ${hour}`;
    const none = { organizationId, hour, looks: 0, byUsers: 0, reveals: 0 };
    const counts = this.#hours.get(key) ?? none;
    this.#hours.set(key, counts);
    this.#last = counts;
    return counts;
  }
}
