/** Counts pushed rows by dataset; the supervisor writes them now and then. */
import type { PushedRows } from '../catalog/catalog.ts';

const dayMs = 86_400_000;

type Place = Pick<PushedRows, 'organizationId' | 'datasetId'>;

export class PushCounts {
  #counted = new Map<string, PushedRows>();

  note(place: Place, rows: Pick<PushedRows, 'received' | 'rejected'>, nowMs: number): void {
    const day = Math.floor(nowMs / dayMs);
    const key = `${place.organizationId}/${place.datasetId}/${day}`;
    const known = this.#counted.get(key);
    this.#counted.set(key, {
      ...{ organizationId: place.organizationId, datasetId: place.datasetId },
      ...{ lastAtMs: nowMs, day },
      received: rows.received + (known?.received ?? 0),
      rejected: rows.rejected + (known?.rejected ?? 0),
    });
  }

  /** The rows since the last call. */
  take(): PushedRows[] {
    const counted = [...this.#counted.values()];
    this.#counted = new Map();
    return counted;
  }
}
