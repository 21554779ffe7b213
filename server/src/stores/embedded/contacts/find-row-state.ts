/** Finds what is stored of a row of a dataset. Writes nothing. */
import type { DatasetPlace } from '../../run-lease.ts';
import type { IdentityKey, RowState } from '../../store.ts';
import type { Environment } from '../environment.ts';
import { ContactKey } from '../keyed-database.ts';
import { copyOfId, isZero } from './component.ts';
import { type ContactList, type ListedRow, unpackList } from './contact-list.ts';

type Databases = Pick<Environment, 'id' | 'ids'>;

/** @param row its key first */
export function findRowState(
  databases: Databases,
  place: DatasetPlace,
  row: readonly IdentityKey[],
): RowState {
  const [key, ...others] = row;
  if (key === undefined) return 'unknown';
  const contactId = contactIdOf(databases, place, key);
  const list = contactId && listOf(databases, place, contactId);
  const stored = list && storedRow(list, place, key);
  if (list !== undefined && stored !== undefined) {
    return namesTheSame(list, stored, row) ? 'same' : 'other';
  }
  const isKnown = contactId !== undefined || others.some((it) => contactIdOf(databases, place, it));
  return isKnown ? 'known' : 'unknown';
}

function contactIdOf(
  { id }: Databases,
  { organizationId }: DatasetPlace,
  { typeId, digest }: IdentityKey,
): Uint8Array | undefined {
  const entry = id.getBinaryFast(contactKey(organizationId, typeId, digest));
  return entry === undefined || isZero(entry) ? undefined : copyOfId(entry);
}

function listOf(
  { ids }: Databases,
  { organizationId }: DatasetPlace,
  contactId: Uint8Array,
): ContactList | undefined {
  const packed = ids.getBinaryFast(contactKey(organizationId, -1, contactId));
  return packed && unpackList(packed, ids.lastSize);
}

function contactKey(organizationId: number, typeId: number, bytes: Uint8Array): ContactKey {
  const key = new ContactKey();
  Object.assign(key, { organizationId, typeId, bytes });
  return key;
}

/** A row of an older release, whose key is not known, is found by any of its identities. */
function storedRow(
  { rows, identities }: ContactList,
  { datasetId }: DatasetPlace,
  key: IdentityKey,
): ListedRow | undefined {
  const own = rows.filter((it) => it.datasetId === datasetId);
  const isKey = (at: number) => isSame(identities[at], key);
  return (
    own.find((it) => isKey(it.key)) ??
    own.find((it) => it.isConverted && it.claims.some(({ identity }) => isKey(identity)))
  );
}

function namesTheSame(
  { identities }: ContactList,
  { claims }: ListedRow,
  row: readonly IdentityKey[],
): boolean {
  const claimed = claims.map(({ identity }) => identities[identity]);
  const isClaimed = (named: IdentityKey) => claimed.some((it) => isSame(it, named));
  const isNamed = (claim: IdentityKey | undefined) => row.some((it) => isSame(claim, it));
  return row.every(isClaimed) && claimed.every(isNamed);
}

function isSame(one: IdentityKey | undefined, { typeId, digest }: IdentityKey): boolean {
  return one?.typeId === typeId && Buffer.compare(one.digest, digest) === 0;
}
