/**
 * The full digest of a store, over all databases but `meta`, which also holds leases and the
 * progress of runs. An empty database counts like a missing one, so a release that adds one changes
 * no digest.
 */
import { createHash, hash } from 'node:crypto';

/** The digest of one database, with its entries in the order of their keys. */
export class EntryDigest {
  readonly #hash = createHash('sha256');
  readonly #lengths = Buffer.alloc(8);
  entries = 0;
  bytes = 0;

  add(key: Uint8Array, value: Uint8Array): void {
    this.#lengths.writeUInt32LE(key.length, 0);
    this.#lengths.writeUInt32LE(value.length, 4);
    this.#hash.update(this.#lengths).update(key).update(value);
    this.entries += 1;
    this.bytes += key.length + value.length;
  }

  hex(): string {
    return this.#hash.copy().digest('hex');
  }
}

export function fullDigest(databases: ReadonlyMap<string, EntryDigest>): string {
  const lines = [...databases]
    .filter(([name, { entries }]) => name !== 'meta' && entries > 0)
    .map(([name, digest]) => `${name} ${digest.hex()}`);
  return hash('sha256', lines.sort().join('\n'));
}
