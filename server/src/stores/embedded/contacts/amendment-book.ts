/**
 * The values that people amended, by row key. They stay when the rows of that key are removed. Key,
 * big endian: organization u16, type u16, 16 bytes of digest. Value, little endian: u16 fields, u16
 * 0, the section (`../../amended-fields.ts`); then the identities that led to the contact when it
 * was last amended, each u16 type, 16 bytes of digest. The writer puts the amendments
 * that count into the record of the contact, so that look-ups read nothing else.
 */
import { UsherError } from '../../../domain/errors.ts';
import { fitsType } from '../../../domain/value/fits-type.ts';
import { type AmendedField, decodeAmended, encodeAmended } from '../../amended-fields.ts';
import { amendmentsDatasetId, viewFirstSection } from '../../contact-codec.ts';
import type { RecordSection } from '../../merge-section.ts';
import type { AmendableField } from '../../privacy-answer.ts';
import type { IdentityKey } from '../../store.ts';
import {
  ContactKey,
  type KeyedDatabase,
  organizationPrefix,
  rangeUnder,
} from '../keyed-database.ts';
import { nameOf } from './component.ts';
import { identityBytes, identityOf } from './identity-links.ts';

export interface AmendedKey {
  /** Ascending by field id. */
  readonly fields: readonly AmendedField[];
  /** The identities that led to the contact when it was last amended. */
  readonly names: readonly IdentityKey[];
}

/** An entry of the database. */
export interface AmendmentEntry extends AmendedKey {
  /** The row key. */
  readonly key: IdentityKey;
}

const nothing: AmendedKey = { fields: [], names: [] };

export class AmendmentBook {
  readonly #amend: KeyedDatabase;
  readonly #key = new ContactKey();
  readonly #known = new Map<number, boolean>();

  constructor(amend: KeyedDatabase) {
    this.#amend = amend;
  }

  /** Call it first in each transaction: another process may have written since the last one. */
  begin(): void {
    this.#known.clear();
  }

  /** Whether anything of the organization may be amended. */
  hasAny(organizationId: number): boolean {
    const known = this.#known.get(organizationId);
    if (known !== undefined) return known;
    const range = { ...rangeUnder(organizationPrefix(organizationId)), limit: 1 };
    const isThere = [...this.#amend.getRange(range)].length > 0;
    this.#known.set(organizationId, isThere);
    return isThere;
  }

  of(organizationId: number, key: IdentityKey): AmendedKey {
    if (!this.hasAny(organizationId)) return nothing;
    const bytes = this.#amend.getBinaryFast(this.#keyFor(organizationId, key));
    return bytes === undefined ? nothing : unpackAmended(bytes.subarray(0, this.#amend.lastSize));
  }

  /** Without fields it removes the entry. */
  put(organizationId: number, key: IdentityKey, { fields, names }: AmendedKey): void {
    const at = this.#keyFor(organizationId, key);
    if (fields.length === 0) {
      this.#amend.remove(at);
      return;
    }
    const { bytes } = encodeAmended(fields);
    this.#amend.put(at, Buffer.concat([bytes, ...names.map(identityBytes)]));
    this.#known.set(organizationId, true);
  }

  /** A stronger row key takes over what belongs to another one. */
  pass(organizationId: number, from: IdentityKey, to: IdentityKey): void {
    const passed = this.of(organizationId, from);
    if (passed.fields.length === 0) return;
    const known = this.of(organizationId, to);
    const names = new Map([...known.names, ...passed.names].map((it) => [nameOf(it), it]));
    const fields = newestOf([known.fields, passed.fields]);
    this.put(organizationId, to, { fields, names: [...names.values()] });
    this.put(organizationId, from, nothing);
  }

  /** What counts of a contact with these row keys: of each field the newest. */
  fieldsOf(organizationId: number, keys: Iterable<IdentityKey>): readonly AmendedField[] {
    if (!this.hasAny(organizationId)) return [];
    const all = [...keys].sort(compareKeys).map((key) => this.of(organizationId, key).fields);
    return newestOf(all.filter((fields) => fields.length > 0));
  }

  /** That as a section of the record; `undefined`: there is nothing. */
  sectionOf(organizationId: number, keys: Iterable<IdentityKey>): RecordSection | undefined {
    const fields = this.fieldsOf(organizationId, keys);
    if (fields.length === 0) return undefined;
    const asOfMs = Math.max(...fields.map(({ atMs }) => atMs));
    const view = encodeAmended(fields);
    return { datasetId: amendmentsDatasetId, view, asOfMs, sourceVersion: 0n };
  }

  /** The next entries of an organization, ascending by row key. */
  list(
    organizationId: number,
    { after, limit }: { readonly after: IdentityKey | null; readonly limit: number },
  ): readonly AmendmentEntry[] {
    const prefix = organizationPrefix(organizationId);
    const start = after === null ? prefix : Buffer.concat([prefix, identityBytes(after)]);
    const range = { ...rangeUnder(prefix), start, exclusiveStart: after !== null, limit };
    return [...this.#amend.getRange(range)].map(({ key, value }) => ({
      key: identityOf(Buffer.from(key).subarray(2)),
      ...unpackAmended(value),
    }));
  }

  #keyFor(organizationId: number, { typeId, digest }: IdentityKey): ContactKey {
    const key = this.#key;
    key.organizationId = organizationId;
    key.typeId = typeId;
    key.bytes = digest;
    return key;
  }
}

/** Tells whether an amendment is of one of these fields, and has a value of its type. */
export function fittingOf(
  fields: readonly AmendableField[],
): (amended: Pick<AmendedField, 'fieldId' | 'json'>) => boolean {
  const types = new Map(fields.map(({ id, type }) => [id, type]));
  return ({ fieldId, json }) => {
    const type = types.get(fieldId);
    return type !== undefined && fitsType(type, JSON.parse(Buffer.from(json).toString()));
  };
}

const nameLength = 18;

/** Returns copies; throws `store_unavailable` for damaged bytes. */
export function unpackAmended(packed: Uint8Array): AmendedKey {
  const bytes = Buffer.from(packed);
  const section = viewFirstSection(bytes);
  const end = section && section.start + section.length;
  if (section === undefined || end === undefined || (bytes.length - end) % nameLength !== 0) {
    throw damagedAmendments();
  }
  const names: IdentityKey[] = [];
  for (let at = end; at < bytes.length; at += nameLength) {
    names.push(identityOf(bytes.subarray(at, at + nameLength)));
  }
  try {
    return { fields: decodeAmended(section), names };
  } catch {
    throw damagedAmendments();
  }
}

function damagedAmendments(): UsherError {
  return new UsherError(
    'store_unavailable',
    "The store holds a damaged amendment. Run 'usher doctor'.",
  );
}

/** Of each field the newest; at a tie the first. */
function newestOf(all: readonly (readonly AmendedField[])[]): readonly AmendedField[] {
  const [only, ...others] = all;
  if (only === undefined || others.length === 0) return only ?? [];
  const newest = new Map<number, AmendedField>();
  for (const field of all.flat()) {
    const known = newest.get(field.fieldId);
    if (known === undefined || known.atMs < field.atMs) newest.set(field.fieldId, field);
  }
  return [...newest.values()].sort((a, b) => a.fieldId - b.fieldId);
}

function compareKeys(one: IdentityKey, other: IdentityKey): number {
  return one.typeId - other.typeId || Buffer.compare(one.digest, other.digest);
}
