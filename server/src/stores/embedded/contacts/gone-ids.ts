/**
 * The ids of contacts that are gone, in the order in which they went, so that they are forgotten in
 * time. Key, big endian: organization u16, u64 milliseconds, contact id 16. Value: the founder, as
 * u16 type and 16 digest.
 */
import type { IdentityKey } from '../../store.ts';
import { type KeyedDatabase, rangeUnder } from '../keyed-database.ts';
import { identityBytes, type Tombstone } from './identity-links.ts';

export interface GoneId extends Tombstone {
  readonly founder: IdentityKey;
}

export class GoneIds {
  readonly #gone: KeyedDatabase;
  readonly #organizationId: number;

  constructor(gone: KeyedDatabase, organizationId: number) {
    this.#gone = gone;
    this.#organizationId = organizationId;
  }

  put(tombstone: Tombstone, founder: IdentityKey): void {
    this.#gone.put(this.#keyOf(tombstone), identityBytes(founder));
  }

  remove(tombstone: Tombstone): void {
    this.#gone.remove(this.#keyOf(tombstone));
  }

  /** Those that went before a time, the oldest first. */
  before(atMs: number, limit: number): GoneId[] {
    const { start } = rangeUnder(this.#prefix());
    const end = this.#keyOf({ contactId: new Uint8Array(16), atMs });
    return [...this.#gone.getRange({ start, end, limit })].map(({ key, value }) => {
      const [at, founder] = [Buffer.from(key), Buffer.from(value)];
      return {
        contactId: Uint8Array.from(at.subarray(10)),
        atMs: Number(at.readBigUInt64BE(2)),
        founder: { typeId: founder.readUInt16BE(0), digest: Uint8Array.from(founder.subarray(2)) },
      };
    });
  }

  #prefix(): Buffer {
    const prefix = Buffer.alloc(2);
    prefix.writeUInt16BE(this.#organizationId, 0);
    return prefix;
  }

  #keyOf({ contactId, atMs }: Tombstone): Buffer {
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(Math.max(0, Math.trunc(atMs))));
    return Buffer.concat([this.#prefix(), time, contactId]);
  }
}
