/** Finds the contacts that a row would connect if it were applied. Writes nothing. */
import type { ConnectedContacts, IdentityKey } from '../../store.ts';
import type { Environment } from '../environment.ts';
import { ContactKey, type ReadTransaction } from '../keyed-database.ts';
import { claimsInList } from './claims-in-list.ts';
import { isZero } from './component.ts';

export class ConnectedContactsFinder {
  readonly #environment: Pick<Environment, 'id' | 'ids'>;
  readonly #transaction: ReadTransaction;
  readonly #key = new ContactKey();
  /** The contact that an identity leads to. */
  readonly #found = Buffer.alloc(16);
  /** The contact that the row's key leads to, or else its first known identity. */
  readonly #own = Buffer.alloc(16);

  constructor(environment: Pick<Environment, 'id' | 'ids'>, transaction: ReadTransaction) {
    this.#environment = environment;
    this.#transaction = transaction;
  }

  /**
   * @param row its key first
   * @returns `undefined`: it connects nothing
   */
  find(
    organizationId: number,
    datasetId: number,
    row: readonly IdentityKey[],
  ): ConnectedContacts | undefined {
    // Usually all identities of a row lead to one contact, and what it claims need not be read.
    if (!this.#leadApart(organizationId, row)) return undefined;
    const [key] = row as [IdentityKey];
    const hasOwn = this.#findContact(organizationId, key);
    this.#found.copy(this.#own);
    const claims = hasOwn ? this.#claimsOf(organizationId, datasetId, row) : undefined;
    const contactIds = new Set<string>();
    const typeIds = new Set<number>();
    if (hasOwn) contactIds.add(this.#own.toString('hex'));
    // What is new about a new row is its key too.
    if (hasOwn && claims === undefined) typeIds.add(key.typeId);
    for (let place = 1; place < row.length; place += 1) {
      const identity = row[place] as IdentityKey;
      if (claims?.[place] === 1 || !this.#findContact(organizationId, identity)) continue;
      contactIds.add(this.#found.toString('hex'));
      if (!hasOwn || !this.#found.equals(this.#own)) typeIds.add(identity.typeId);
    }
    if (contactIds.size < 2) return undefined;
    return { contactIds: [...contactIds], typeIds: [...typeIds] };
  }

  /** Whether identities lead to different contacts. Those that lead nowhere do not count. */
  #leadApart(organizationId: number, row: readonly IdentityKey[]): boolean {
    let isFirst = true;
    for (const identity of row) {
      if (!this.#findContact(organizationId, identity)) continue;
      if (isFirst) this.#found.copy(this.#own);
      else if (!this.#found.equals(this.#own)) return true;
      isFirst = false;
    }
    return false;
  }

  /** Copies the id of the contact that the identity leads to. `false`: it leads nowhere. */
  #findContact(organizationId: number, { typeId, digest }: IdentityKey): boolean {
    const key = this.#key;
    key.organizationId = organizationId;
    key.typeId = typeId;
    key.bytes = digest;
    const entry = this.#environment.id.getBinaryFast(key, this.#transaction);
    if (entry === undefined || isZero(entry)) return false;
    entry.copy(this.#found, 0, 0, 16);
    return true;
  }

  /** Which identities the row claims as stored: 1 or 0 for each. `undefined`: it is new. */
  #claimsOf(
    organizationId: number,
    datasetId: number,
    row: readonly IdentityKey[],
  ): Uint8Array | undefined {
    const { ids } = this.#environment;
    const key = this.#key;
    key.organizationId = organizationId;
    key.typeId = -1;
    key.bytes = this.#own;
    const packed = ids.getBinaryFast(key, this.#transaction);
    return packed && claimsInList(packed, ids.lastSize, datasetId, row);
  }
}
