/**
 * Sets and lifts values that count over those of sources. Each belongs to a row key: when contacts
 * are joined or parted, it stays with that key. Only rows that name the identity by which it is
 * amended come into question: of these it is the row whose value it replaces, or else the one with
 * the strongest key. A contact id is named by no row, so all rows come into question then.
 */
import { compareStrength } from '../../../domain/contact/identity-strength.ts';
import { type AmendedField, encodeAmended } from '../../amended-fields.ts';
import { amendedAtFieldId } from '../../contact-codec.ts';
import { maxRecordBytes, scanEntriesPerTransaction } from '../../limits.ts';
import { recordRoom } from '../../merge-section.ts';
import type {
  AmendableField,
  AmendedValue,
  AmendmentChange,
  AmendmentOutcome,
  AmendmentPage,
} from '../../privacy-answer.ts';
import { eachSection, fieldIdAt, type RecordView } from '../../read-record.ts';
import type { IdentityKey } from '../../store.ts';
import { type AmendmentEntry, fittingOf } from '../contacts/amendment-book.ts';
import {
  type IdentityNode,
  nameOf,
  type RowNode,
  type StoredContact,
} from '../contacts/component.ts';
import { isRow } from '../contacts/component-work.ts';
import { identityBytes, identityOf } from '../contacts/identity-links.ts';
import { refuseEarlierReleases } from '../store-format.ts';
import { ComponentChange } from './component-change.ts';
import { findRecord, isGone } from './contact-entries.ts';
import { findContactId } from './contact-id-identities.ts';
import type { WriteSession } from './write-session.ts';

export function amendContact(
  session: WriteSession,
  organizationId: number,
  identity: IdentityKey,
  change: AmendmentChange,
): AmendmentOutcome {
  if (!change.set.every(isValid)) return 'value_invalid';
  const contactId = findContactId(session, organizationId, identity);
  if (contactId === undefined || isGone(session, { organizationId, contactId })) {
    return change.set.length > 0
      ? 'contact_not_found'
      : liftWaiting(session, organizationId, identity, change.lift);
  }
  const edit = changeOf(session, organizationId);
  const contact = edit.component.contactAt(contactId);
  const keys = contact && rowKeysOf(session, organizationId, contact.rows);
  const naming = contact && rowsNaming(contact, identity);
  const [strongest] = naming ? rowKeysOf(session, organizationId, naming) : [];
  if (contact === undefined || keys === undefined || strongest === undefined) {
    return 'contact_not_found';
  }
  const record = findRecord(session, { organizationId, contactId });
  const owners = new Map<number, IdentityNode>();
  for (const value of change.set) {
    owners.set(value.fieldId, answeringKey(naming ?? [], record, value) ?? strongest);
  }
  const entries = keys.map((key) => ({ key, ...session.amendments.of(organizationId, key) }));
  const counting = session.amendments.fieldsOf(organizationId, keys);
  const news = newsOf(change, { entries, owners, counting });
  const amended = entries.map((entry) => amend(entry, owners, change, news));
  if (amended.some(({ fields }) => isTooLong(fields))) return 'value_invalid';
  const changed = amended.filter(({ isChanged }) => isChanged);
  if (changed.length === 0) return 'unchanged';
  const names = contact.nodes.filter((_, place) => contact.list.identities[place]?.leadsHere);
  for (const { key, fields } of changed) {
    session.amendments.put(organizationId, key, { fields, names });
  }
  refuseEarlierReleases(session.environment.meta);
  edit.writeInPlace(contact);
  return { set: news.size, lifted: countLifted(entries, change) };
}

/** How many fields have an amendment that is lifted. */
function countLifted(
  entries: readonly { readonly fields: readonly AmendedField[] }[],
  { lift }: Pick<AmendmentChange, 'lift'>,
): number {
  const amended = new Set(entries.flatMap(({ fields }) => fields.map(({ fieldId }) => fieldId)));
  return new Set(lift.filter((fieldId) => amended.has(fieldId))).size;
}

/** Lifts what waits for the return of a row key that is the identity, or that it led to. */
function liftWaiting(
  session: WriteSession,
  organizationId: number,
  identity: IdentityKey,
  lift: readonly number[],
): AmendmentOutcome {
  const isOf = (it: IdentityKey) => nameOf(it) === nameOf(identity);
  const found: AmendmentEntry[] = [];
  let after: IdentityKey | null = null;
  do {
    const limit = scanEntriesPerTransaction;
    const entries: readonly AmendmentEntry[] = session.amendments.list(organizationId, {
      ...{ after, limit },
    });
    for (const { key, fields, names } of entries) {
      if (!isOf(key) && !(names.some(isOf) && !isRowKey(session, organizationId, key))) continue;
      found.push({ key, fields, names });
    }
    after = entries.length < limit ? null : (entries.at(-1)?.key ?? null);
  } while (after !== null);
  if (found.length === 0) return 'contact_not_found';
  for (const { key, fields, names } of found) {
    const left = fields.filter(({ fieldId }) => !lift.includes(fieldId));
    session.amendments.put(organizationId, key, { fields: left, names });
  }
  const lifted = countLifted(found, { lift });
  return lifted === 0 ? 'unchanged' : { set: 0, lifted };
}

function isValid({ fieldId, value }: AmendmentChange['set'][number]): boolean {
  if (!Number.isInteger(fieldId) || fieldId < 1 || fieldId >= amendedAtFieldId) return false;
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

function changeOf(session: WriteSession, organizationId: number): ComponentChange {
  return new ComponentChange(session, { organizationId, version: session.lastVersion });
}

/** The rows that have the identity as key or claim; all, if none does. */
function rowsNaming({ rows }: StoredContact, identity: IdentityKey): readonly RowNode[] {
  const name = nameOf(identity);
  const naming = rows.filter(
    (row) =>
      isRow(row) &&
      [row.key, ...row.claims.map(({ node }) => node)].some((it) => nameOf(it) === name),
  );
  return naming.length > 0 ? naming : rows;
}

/** The strongest first. */
function rowKeysOf(
  session: WriteSession,
  organizationId: number,
  rows: readonly RowNode[],
): readonly IdentityNode[] {
  const rules = session.rules(organizationId);
  const keys = new Set(rows.filter(isRow).map(({ key }) => key));
  return [...keys].sort((a, b) => compareStrength(rules, a, b));
}

/** The key of the row that answers for the dataset, or else with the first value of the field. */
function answeringKey(
  rows: readonly RowNode[],
  record: RecordView | undefined,
  { fieldId, datasetId }: Pick<AmendedValue, 'fieldId' | 'datasetId'>,
): IdentityNode | undefined {
  const answering = (id: number) =>
    rows.find((row) => row.datasetId === id && row.kind === 'contact' && !row.wasHidden)?.key;
  if (datasetId !== undefined) return answering(datasetId);
  if (record === undefined) return undefined;
  let found: IdentityNode | undefined;
  eachSection(record, (id, section) => {
    for (let place = 0; place < section.fieldCount; place += 1) {
      if (fieldIdAt(section, place) === fieldId) found ??= answering(id);
    }
  });
  return found;
}

function isTooLong(fields: readonly AmendedField[]): boolean {
  return fields.length > 0 && recordRoom(1, encodeAmended(fields).length) > maxRecordBytes;
}

interface NewValue extends AmendedField {
  /** Whether the contact has another value now. If not, another of its row keys has this one. */
  readonly isOther: boolean;
}

/** The values that their owners do not have yet, by field. */
function newsOf(
  { set, lift, atMs }: AmendmentChange,
  {
    entries,
    owners,
    counting,
  }: {
    readonly entries: readonly AmendmentEntry[];
    readonly owners: ReadonlyMap<number, IdentityKey>;
    readonly counting: readonly AmendedField[];
  },
): ReadonlyMap<number, NewValue> {
  const news = new Map<number, NewValue>();
  for (const [fieldId, value] of new Map(set.map((it) => [it.fieldId, it.value]))) {
    const json = Buffer.from(value);
    const isIn = (all: readonly AmendedField[]) =>
      all.some((field) => field.fieldId === fieldId && json.equals(field.json));
    const isOther = lift.includes(fieldId) || !isIn(counting);
    // The owner must have the value itself: another row key may leave the contact with its own.
    const owner = entries.find(({ key }) => key === owners.get(fieldId));
    if (isOther || !isIn(owner?.fields ?? [])) news.set(fieldId, { fieldId, json, atMs, isOther });
  }
  return news;
}

/** What the change leaves of a key's amendments, and adds to those of which it is the owner. */
function amend(
  { key, fields }: AmendmentEntry,
  owners: ReadonlyMap<number, IdentityKey>,
  { lift, atMs }: Pick<AmendmentChange, 'lift' | 'atMs'>,
  news: ReadonlyMap<number, NewValue>,
): Pick<AmendmentEntry, 'key' | 'fields'> & { readonly isChanged: boolean } {
  const lifted = new Set(lift);
  const kept = fields.filter((field) => {
    const isOwner = owners.get(field.fieldId) === key;
    const replacing = news.get(field.fieldId);
    const isReplaced = isOwner || (replacing?.isOther === true && field.atMs >= atMs);
    return !(replacing !== undefined && isReplaced) && !lifted.has(field.fieldId);
  });
  const added = [...news.values()]
    .filter(({ fieldId }) => owners.get(fieldId) === key)
    .map(({ fieldId, json }) => ({ fieldId, json, atMs }));
  return {
    key,
    fields: [...kept, ...added].sort((a, b) => a.fieldId - b.fieldId),
    isChanged: added.length > 0 || kept.length < fields.length,
  };
}

/**
 * Removes amendments that do not fit the fields there are, from the row keys of a page.
 * @returns what the next page comes after; `null` if this was the last one
 */
export function forgetAmendments(
  session: WriteSession,
  organizationId: number,
  fields: readonly AmendableField[],
  { after, limit }: AmendmentPage,
): string | null {
  if (!session.amendments.hasAny(organizationId)) return null;
  const fits = fittingOf(fields);
  const from = after === null ? null : identityOf(Buffer.from(after, 'hex'));
  const page = session.amendments.list(organizationId, { after: from, limit });
  for (const { key, names, ...entry } of page) {
    if (entry.fields.every(fits)) continue;
    session.amendments.put(organizationId, key, { fields: entry.fields.filter(fits), names });
    rewriteContact(session, organizationId, key);
  }
  const last = page.at(-1);
  return last === undefined || page.length < limit ? null : identityBytes(last.key).toString('hex');
}

/** Writes the contact that a row key leads to with what is amended now. */
function rewriteContact(session: WriteSession, organizationId: number, key: IdentityKey): void {
  const change = changeOf(session, organizationId);
  const contact = change.loadContact(change.component.node(key));
  if (contact !== undefined) change.writeInPlace(contact);
}

/**
 * Removes what was amended of these row keys. Records that contain it are not written: their
 * contacts are erased, too.
 * @returns how many values it removed
 */
export function eraseAmendments(
  session: WriteSession,
  organizationId: number,
  identities: readonly IdentityKey[],
): number {
  let erased = 0;
  for (const key of identities) {
    const { fields, names } = session.amendments.of(organizationId, key);
    if (fields.length === 0) continue;
    session.amendments.put(organizationId, key, { fields: [], names });
    erased += fields.length;
  }
  return erased;
}

function isRowKey(session: WriteSession, organizationId: number, key: IdentityKey): boolean {
  const change = changeOf(session, organizationId);
  const node = change.component.node(key);
  const contact = change.loadContact(node);
  return contact?.rows.some((row) => isRow(row) && row.key === node) ?? false;
}

export interface ErasedAmendments {
  readonly erased: number;
  /** The last row key that was looked at; `null`: all were. */
  readonly after: IdentityKey | null;
}

/**
 * Removes what waits for the return of a row key, if one of these identities led to the contact
 * when it was amended: nothing else connects the two now. Call it until `after` is `null`.
 * @param isErased whether an identity is erased
 */
export function eraseAmendmentsNaming(
  session: WriteSession,
  organizationId: number,
  isErased: (identity: IdentityKey) => boolean,
  { after, limit }: { readonly after: IdentityKey | null; readonly limit: number },
): ErasedAmendments {
  const entries = session.amendments.list(organizationId, { after, limit });
  let erased = 0;
  for (const { key, fields, names } of entries) {
    if (!names.some(isErased)) continue;
    const isWaiting = !isRowKey(session, organizationId, key);
    if (isWaiting) erased += fields.length;
    const left = isWaiting ? [] : fields;
    const others = names.filter((name) => !isErased(name));
    session.amendments.put(organizationId, key, { fields: left, names: others });
  }
  return { erased, after: entries.length < limit ? null : (entries.at(-1)?.key ?? null) };
}
