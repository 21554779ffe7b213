/**
 * The list of a contact: its ids, its rows with what they claim, and its identities in the order in
 * which they became known. Little endian: u8 version 2, u8 0, u16 founder, u16 aliases, u16 rows,
 * u16 identities, u16 joins; for each alias 16 bytes of contact id, u16 founder; for each row u16
 * dataset, u16 key, u8 flags, u64 version of its claims and, if it is another one, u64 version of
 * its section; for each join u16 key, u16 key, u64 version, u8 runs, u64 for each run; for each
 * identity u16 type, u16 length of the value in bytes, 16 bytes of digest, u8 flags, u8 claims, for
 * each claim u16 row, u8 flags and, if it is not of the row's version of claims, u64 since; the
 * value in UTF-8. Founder, key and row are places in the lists. Version 1 has identities alone: u8
 * version, u8 0, u16 count, the identities without flags and claims.
 */
import { UsherError } from '../../../domain/errors.ts';
import type { ByteScratch } from '../../byte-scratch.ts';
import type { KnownIdentity } from '../../store.ts';

/** `list`: a mark that claims nothing; `report`: memberships; `identity`: claims alone. */
export const rowKinds = ['contact', 'identity', 'report', 'list'] as const;

export type StoredRowKind = (typeof rowKinds)[number];

export interface ListedClaim {
  /** Its place in the list's identities. */
  readonly identity: number;
  /** The version since which the row says so. */
  readonly since: bigint;
  /** Whether a run of a snapshot dataset said it. */
  readonly isOfSnapshot: boolean;
}

export interface ListedRow {
  readonly datasetId: number;
  readonly kind: StoredRowKind;
  /** The row key's place in the list's identities. */
  readonly key: number;
  readonly claims: readonly ListedClaim[];
  /** The version that last changed the section. */
  readonly version: bigint;
  /** Another row of the dataset answers, and this one's section is apart (`hidden-sections.ts`). */
  readonly isHidden: boolean;
  /** A push wrote the row after the last run that did. */
  readonly isPushed: boolean;
  /** From an older release, which did not know the row's key: any of its identities may be it. */
  readonly isConverted: boolean;
}

export interface ListedIdentity extends KnownIdentity {
  /** Whether it leads to this contact. If not, a row of the contact claims it without effect. */
  readonly leadsHere: boolean;
}

/** Another id of the contact, which redirects to it. */
export interface Alias {
  readonly contactId: Uint8Array;
  /** The place of its founder, a row key. */
  readonly founder: number;
}

/**
 * Two row keys of the contact that rows joined: it outlives what they say (`remember-joins.ts`).
 */
export interface ListedJoin {
  /** The places of the keys. */
  readonly keys: readonly [number, number];
  readonly version: bigint;
  readonly pendingOn: readonly bigint[];
}

export interface ContactList {
  /** The place of the row key that the contact's own id belongs to. */
  readonly founder: number;
  readonly aliases: readonly Alias[];
  readonly rows: readonly ListedRow[];
  readonly joins: readonly ListedJoin[];
  readonly identities: readonly ListedIdentity[];
}

/** Offsets in a list of version 2, and lengths of its parts. */
export const listLayout = {
  version: 2,
  ...{ aliasCount: 4, rowCount: 6, identityCount: 8, joinCount: 10 },
  ...{ head: 12, alias: 18, row: 13, longestRow: 21, joinHead: 13 },
  ...{ identityHead: 22, longestClaim: 11 },
} as const;

const listVersion = listLayout.version;
const headLength = listLayout.head;
const aliasLength = listLayout.alias;
const rowLength = listLayout.row;
const { longestRow, longestClaim } = listLayout;
const identityHeadLength = listLayout.identityHead;
const joinHeadLength = listLayout.joinHead;

export const rowFlags = {
  kind: 3,
  isHidden: 4,
  isPushed: 8,
  isConverted: 16,
  ownVersion: 32,
} as const;
const identityFlags = { leadsHere: 1 } as const;
export const claimFlags = { isOfSnapshot: 1, ownSince: 2 } as const;

/** Writes at the scratch's start, and returns the length. */
export function packList(into: ByteScratch, list: ContactList): number {
  const { aliases, rows, identities, joins } = list;
  const bytes = into.reserve(roomOf(list));
  const numbers = into.view;
  bytes[0] = listVersion;
  bytes[1] = 0;
  numbers.setUint16(2, list.founder, true);
  numbers.setUint16(4, aliases.length, true);
  numbers.setUint16(6, rows.length, true);
  numbers.setUint16(8, identities.length, true);
  numbers.setUint16(10, joins.length, true);
  let end = headLength;
  for (const { contactId, founder } of aliases) {
    bytes.set(contactId, end);
    bytes.writeUInt16LE(founder, end + 16);
    end += aliasLength;
  }
  for (const row of rows) {
    numbers.setUint16(end, row.datasetId, true);
    numbers.setUint16(end + 2, row.key, true);
    const claimedSince = claimVersion(row);
    const isOwn = claimedSince !== row.version;
    bytes[end + 4] = flagsOf(row) | (isOwn ? rowFlags.ownVersion : 0);
    numbers.setBigUint64(end + 5, claimedSince, true);
    end += rowLength;
    if (isOwn) end = bytes.writeBigUInt64LE(row.version, end);
  }
  for (const join of joins) end = writeJoin(bytes, end, join);
  const claimsOf = claimsByIdentity(list);
  for (let place = 0; place < identities.length; place += 1) {
    const identity = identities[place] as ListedIdentity;
    end = writeIdentity(into, end, identity, claimsOf[place] ?? []);
  }
  return end;
}

/** The most bytes that a list needs. */
function roomOf({ aliases, rows, identities, joins }: ContactList): number {
  let room = headLength + aliases.length * aliasLength + rows.length * longestRow;
  for (const { claims } of rows) room += claims.length * longestClaim;
  for (const { pendingOn } of joins) room += joinHeadLength + pendingOn.length * 8;
  // A UTF-16 unit is at most 3 bytes of UTF-8.
  for (const { value } of identities) room += identityHeadLength + value.length * 3;
  return room;
}

function writeJoin(bytes: Buffer, start: number, { keys, version, pendingOn }: ListedJoin): number {
  bytes.writeUInt16LE(keys[0], start);
  bytes.writeUInt16LE(keys[1], start + 2);
  bytes.writeBigUInt64LE(version, start + 4);
  bytes[start + 12] = pendingOn.length;
  let end = start + joinHeadLength;
  for (const run of pendingOn) end = bytes.writeBigUInt64LE(run, end);
  return end;
}

/** The version that is written once for all claims of the row that are of it. */
function claimVersion({ claims, version: ofSection }: ListedRow): bigint {
  return claims[0]?.since ?? ofSection;
}

function flagsOf({ kind, isHidden, isPushed, isConverted }: ListedRow): number {
  return (
    rowKinds.indexOf(kind) |
    (isHidden ? rowFlags.isHidden : 0) |
    (isPushed ? rowFlags.isPushed : 0) |
    (isConverted ? rowFlags.isConverted : 0)
  );
}

/** A claim with the place and the version of its row. */
interface PlacedClaim {
  readonly at: number;
  readonly claimedSince: bigint;
  readonly claim: ListedClaim;
}

function claimsByIdentity({ rows, identities }: ContactList): (readonly PlacedClaim[])[] {
  const claimsOf = identities.map((): PlacedClaim[] => []);
  for (let at = 0; at < rows.length; at += 1) {
    const row = rows[at] as ListedRow;
    const claimedSince = claimVersion(row);
    for (const claim of row.claims) claimsOf[claim.identity]?.push({ at, claimedSince, claim });
  }
  return claimsOf;
}

function writeIdentity(
  { bytes, view: numbers }: ByteScratch,
  start: number,
  { typeId, digest, value, leadsHere }: ListedIdentity,
  claims: readonly PlacedClaim[],
): number {
  numbers.setUint16(start, typeId, true);
  bytes.set(digest, start + 4);
  bytes[start + 20] = leadsHere ? identityFlags.leadsHere : 0;
  bytes[start + 21] = claims.length;
  let end = start + identityHeadLength;
  for (const { at, claimedSince, claim } of claims) {
    const isOwn = claim.since !== claimedSince;
    numbers.setUint16(end, at, true);
    bytes[end + 2] =
      (claim.isOfSnapshot ? claimFlags.isOfSnapshot : 0) | (isOwn ? claimFlags.ownSince : 0);
    end += 3;
    if (isOwn) end = bytes.writeBigUInt64LE(claim.since, end);
  }
  const valueLength = value === '' ? 0 : bytes.write(value, end);
  numbers.setUint16(start + 2, valueLength, true);
  return end + valueLength;
}

/** Returns a copy; throws `store_unavailable` for damaged bytes, and never reads past `length`. */
export function unpackList(packed: Uint8Array, length: number): ContactList {
  return unpackLent(Buffer.from(packed.subarray(0, length)));
}

/** Its digests and contact ids are parts of these bytes. */
export function unpackLent(bytes: Buffer): ContactList {
  try {
    if (bytes[0] === 1) return unpackVersion1(bytes);
    if (bytes[0] === listVersion) return unpackVersion2(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw damagedList();
}

/** The identities that lead to the contact. */
export function unpackIdentities(packed: Uint8Array, length: number): KnownIdentity[] {
  return unpackList(packed, length)
    .identities.filter(({ leadsHere }) => leadsHere)
    .map(({ typeId, digest, value }) => ({ typeId, digest, value }));
}

function unpackVersion2(bytes: Buffer): ContactList {
  const aliasCount = bytes.readUInt16LE(4);
  const rowCount = bytes.readUInt16LE(6);
  const count = bytes.readUInt16LE(8);
  const aliases: Alias[] = [];
  let end = headLength;
  for (let place = 0; place < aliasCount; place += 1) {
    const founder = bytes.readUInt16LE(end + 16);
    aliases.push({ contactId: bytes.subarray(end, end + 16), founder });
    end += aliasLength;
  }
  const rows: (Omit<ListedRow, 'claims'> & { readonly claims: ListedClaim[] })[] = [];
  const claimVersions: bigint[] = [];
  for (let place = 0; place < rowCount; place += 1) {
    const flags = bytes.readUInt8(end + 4);
    const claimedSince = bytes.readBigUInt64LE(end + 5);
    const isOwn = (flags & rowFlags.ownVersion) !== 0;
    claimVersions.push(claimedSince);
    rows.push({
      datasetId: bytes.readUInt16LE(end),
      kind: rowKinds[flags & rowFlags.kind] ?? 'contact',
      key: bytes.readUInt16LE(end + 2),
      claims: [],
      version: isOwn ? bytes.readBigUInt64LE(end + rowLength) : claimedSince,
      isHidden: (flags & rowFlags.isHidden) !== 0,
      isPushed: (flags & rowFlags.isPushed) !== 0,
      isConverted: (flags & rowFlags.isConverted) !== 0,
    });
    end += isOwn ? longestRow : rowLength;
  }
  const joins: ListedJoin[] = [];
  for (let place = bytes.readUInt16LE(10); place > 0; place -= 1) {
    const pendingCount = bytes.readUInt8(end + 12);
    const from = end + joinHeadLength;
    joins.push({
      keys: [bytes.readUInt16LE(end), bytes.readUInt16LE(end + 2)],
      version: bytes.readBigUInt64LE(end + 4),
      pendingOn: Array.from({ length: pendingCount }, (_, at) =>
        bytes.readBigUInt64LE(from + at * 8),
      ),
    });
    end = from + pendingCount * 8;
  }
  const identities: ListedIdentity[] = [];
  for (let place = 0; place < count; place += 1) {
    const start = end;
    const flags = bytes.readUInt8(start + 20);
    const claimCount = bytes.readUInt8(start + 21);
    end += identityHeadLength;
    for (let claim = 0; claim < claimCount; claim += 1) {
      const at = bytes.readUInt16LE(end);
      const row = rows[at];
      if (row === undefined) throw damagedList();
      const claimFlag = bytes.readUInt8(end + 2);
      const isOwn = (claimFlag & claimFlags.ownSince) !== 0;
      const since = isOwn ? bytes.readBigUInt64LE(end + 3) : (claimVersions[at] as bigint);
      const isOfSnapshot = (claimFlag & claimFlags.isOfSnapshot) !== 0;
      row.claims.push({ identity: place, since, isOfSnapshot });
      end += isOwn ? longestClaim : 3;
    }
    const leadsHere = (flags & identityFlags.leadsHere) !== 0;
    identities.push({ ...identityAt(bytes, start, end), leadsHere });
    end += bytes.readUInt16LE(start + 2);
  }
  const founder = bytes.readUInt16LE(2);
  const isWithin = (at: number) => at < count;
  const areWithin =
    rows.every(({ key }) => isWithin(key)) &&
    aliases.every((it) => isWithin(it.founder)) &&
    joins.every(({ keys }) => keys.every(isWithin));
  if (end !== bytes.length || !areWithin) throw damagedList();
  return { founder, aliases, rows, joins, identities };
}

function unpackVersion1(bytes: Buffer): ContactList {
  const count = bytes.readUInt16LE(2);
  const identities: ListedIdentity[] = [];
  let end = 4;
  for (let place = 0; place < count; place += 1) {
    identities.push({ ...identityAt(bytes, end, end + 20), leadsHere: true });
    end += 20 + bytes.readUInt16LE(end + 2);
  }
  if (end !== bytes.length) throw damagedList();
  return { founder: 0, aliases: [], rows: [], joins: [], identities };
}

function identityAt(bytes: Buffer, start: number, valueStart: number): KnownIdentity {
  const valueEnd = valueStart + bytes.readUInt16LE(start + 2);
  if (valueEnd > bytes.length) throw damagedList();
  return {
    typeId: bytes.readUInt16LE(start),
    digest: bytes.subarray(start + 4, start + 20),
    value: bytes.toString('utf8', valueStart, valueEnd),
  };
}

export function damagedList(): UsherError {
  return new UsherError(
    'store_unavailable',
    "The store holds a damaged list of identities. Run 'usher doctor'.",
  );
}
