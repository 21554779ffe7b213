/** Finds the contacts that a row would connect if it were applied. Writes nothing. */
import type { ConnectedContacts, IdentityKey } from '../../store.ts';
import type { Environment } from '../environment.ts';
import { ContactKey, type ReadTransaction } from '../keyed-database.ts';
import { claimsInList } from './claims-in-list.ts';
import { copyOfId, isSameId, isZero } from './component.ts';

export class ConnectedContactsFinder {
  readonly #environment: Pick<Environment, 'id' | 'ids'>;
  readonly #transaction: ReadTransaction;
  readonly #key = new ContactKey();

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
    const contactIds = row.map((identity) => this.#contactIdOf(organizationId, identity));
    // Usually all identities of a row lead to one contact, and what it claims need not be read.
    if (!leadApart(contactIds)) return undefined;
    const [key] = row as [IdentityKey];
    const [own] = contactIds;
    const claims = own && this.#claimsOf(organizationId, datasetId, { row, contactId: own });
    const connected: Uint8Array[] = own === undefined ? [] : [own];
    // What is new about a new row is its key too.
    const typeIds = new Set(own !== undefined && claims === undefined ? [key.typeId] : []);
    for (let place = 1; place < row.length; place += 1) {
      const contactId = contactIds[place];
      if (claims?.[place] === 1 || contactId === undefined) continue;
      if (!connected.some((it) => isSameId(it, contactId))) connected.push(contactId);
      if (!isSameId(contactId, own)) typeIds.add((row[place] as IdentityKey).typeId);
    }
    if (connected.length < 2) return undefined;
    return { contactIds: connected, typeIds: [...typeIds] };
  }

  /** The contact that the identity leads to. */
  #contactIdOf(organizationId: number, { typeId, digest }: IdentityKey): Uint8Array | undefined {
    const key = this.#key;
    key.organizationId = organizationId;
    key.typeId = typeId;
    key.bytes = digest;
    const entry = this.#environment.id.getBinaryFast(key, this.#transaction);
    return entry === undefined || isZero(entry) ? undefined : copyOfId(entry);
  }

  /** Which identities the row claims as stored: 1 or 0 for each. `undefined`: it is new. */
  #claimsOf(
    organizationId: number,
    datasetId: number,
    { row, contactId }: { readonly row: readonly IdentityKey[]; readonly contactId: Uint8Array },
  ): Uint8Array | undefined {
    const { ids } = this.#environment;
    const key = this.#key;
    key.organizationId = organizationId;
    key.typeId = -1;
    key.bytes = contactId;
    const packed = ids.getBinaryFast(key, this.#transaction);
    return packed && claimsInList(packed, ids.lastSize, datasetId, row);
  }
}

/** Whether these are several contacts. Identities that lead nowhere do not count. */
function leadApart(contactIds: readonly (Uint8Array | undefined)[]): boolean {
  let first: Uint8Array | undefined;
  for (const contactId of contactIds) {
    if (contactId === undefined) continue;
    if (first !== undefined && !isSameId(first, contactId)) return true;
    first = contactId;
  }
  return false;
}
