/** Reads, in a packed list of a contact, what one row claims. Copies nothing. */
import type { IdentityKey } from '../../store.ts';
import { listLayout as at, claimFlags, damagedList, rowFlags, rowKinds } from './contact-list.ts';

/** A row of the list that may be the one that is asked for. */
interface Candidate {
  readonly row: number;
  readonly key: number;
  readonly isConverted: boolean;
}

/**
 * Which of these identities the dataset's row claims whose key is the first of them: 1 or 0 for
 * each. `undefined`: the list has no such row.
 */
export function claimsInList(
  packed: Buffer,
  length: number,
  datasetId: number,
  identities: readonly IdentityKey[],
): Uint8Array | undefined {
  // Version 1 knows no rows.
  if (packed[0] !== at.version) return undefined;
  const candidates: Candidate[] = [];
  let end = at.head + packed.readUInt16LE(at.aliasCount) * at.alias;
  const rowCount = packed.readUInt16LE(at.rowCount);
  for (let row = 0; row < rowCount; row += 1) {
    const flags = packed[end + 4] as number;
    const kind = rowKinds[flags & rowFlags.kind];
    if (packed.readUInt16LE(end) === datasetId && kind !== 'list') {
      const isConverted = (flags & rowFlags.isConverted) !== 0;
      candidates.push({ row, key: packed.readUInt16LE(end + 2), isConverted });
    }
    end += (flags & rowFlags.ownVersion) === 0 ? at.row : at.longestRow;
  }
  if (candidates.length === 0) return undefined;
  for (let joins = packed.readUInt16LE(at.joinCount); joins > 0; joins -= 1) {
    end += at.joinHead + (packed[end + 12] as number) * 8;
  }
  return claimsAt(packed, end, { length, candidates, identities });
}

/** Whether a packed list may have rows of a dataset, or marks. */
export function mayHaveRowOf(packed: Uint8Array, datasetId: number): boolean {
  if (packed[0] !== at.version || packed.length < at.head) return true;
  let end = at.head + uint16(packed, at.aliasCount) * at.alias;
  for (let row = uint16(packed, at.rowCount); row > 0; row -= 1) {
    // The list is damaged, and who unpacks it says so.
    if (end + at.row > packed.length) return true;
    if (uint16(packed, end) === datasetId) return true;
    const isShort = ((packed[end + 4] as number) & rowFlags.ownVersion) === 0;
    end += isShort ? at.row : at.longestRow;
  }
  return false;
}

/** @param start where the list's identities begin */
function claimsAt(
  packed: Buffer,
  start: number,
  {
    length,
    candidates,
    identities,
  }: {
    readonly length: number;
    readonly candidates: readonly Candidate[];
    readonly identities: readonly IdentityKey[];
  },
): Uint8Array | undefined {
  const claims = candidates.map(() => new Uint8Array(identities.length));
  const count = packed.readUInt16LE(at.identityCount);
  let keyPlace = -1;
  let end = start;
  for (let place = 0; place < count; place += 1) {
    if (end + at.identityHead > length) throw damagedList();
    const index = indexOf(identities, packed, end);
    if (index === 0) keyPlace = place;
    const valueLength = packed.readUInt16LE(end + 2);
    const claimCount = packed[end + 21] as number;
    end += at.identityHead;
    for (let claim = 0; claim < claimCount; claim += 1) {
      if (index >= 0) {
        const row = packed.readUInt16LE(end);
        const candidate = candidates.findIndex((it) => it.row === row);
        if (candidate >= 0) (claims[candidate] as Uint8Array)[index] = 1;
      }
      end += ((packed[end + 2] as number) & claimFlags.ownSince) === 0 ? 3 : at.longestClaim;
    }
    end += valueLength;
  }
  const known = candidates.findIndex(({ key }) => key === keyPlace);
  if (known >= 0) return claims[known];
  // A row of an older release, whose key is not known, is found by any of its identities.
  return claims[candidates.findIndex((it, at) => it.isConverted && claims[at]?.[0] === 1)];
}

/** The index of the identity that begins here in the list; -1: it is not among them. */
function indexOf(identities: readonly IdentityKey[], packed: Uint8Array, start: number): number {
  const typeId = uint16(packed, start);
  for (let index = 0; index < identities.length; index += 1) {
    const { typeId: type, digest } = identities[index] as IdentityKey;
    if (type !== typeId) continue;
    let place = 0;
    while (place < 16 && digest[place] === packed[start + 4 + place]) place += 1;
    if (place === 16) return index;
  }
  return -1;
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}
