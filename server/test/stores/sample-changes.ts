/** Small changes, and short helpers that read them back, for tests of stores. */

import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { ChangeKind } from '../../src/stores/change-kind.ts';
import { type DecodedRecord, decodeRecord, encodeSection } from '../../src/stores/contact-codec.ts';
import {
  type ContactChange,
  type ContactReader,
  type IdentityKey,
  type KnownIdentity,
  recordOnly,
} from '../../src/stores/store.ts';

export const email = (value: string): KnownIdentity => identity(1, value);
export const userId = (value: string): KnownIdentity => identity(2, value);

export function identity(typeId: number, value: string): KnownIdentity {
  const digest = Buffer.from(hash('sha256', value).slice(0, 32), 'hex');
  return { typeId, digest, value };
}

/** An identity of which only the hash is known. */
export function hashOnly(known: KnownIdentity): KnownIdentity {
  return { ...known, value: '' };
}

/** Field ids to values. `undefined` clears the field. */
export type SampleFields = Readonly<Record<number, unknown>>;

export function section(fields: SampleFields): Buffer {
  const ids = Object.keys(fields)
    .map(Number)
    .sort((a, b) => a - b);
  return encodeSection(
    ids.map((id) => {
      const value = fields[id];
      return [id, Buffer.from(value === undefined ? '' : JSON.stringify(value))];
    }),
  );
}

export function change(
  kind: ChangeKind,
  identities: readonly KnownIdentity[],
  fields: SampleFields = {},
): ContactChange {
  const hasFields = kind === 'replace' || kind === 'patch';
  return { kind, identities, section: hasFields ? section(fields) : new Uint8Array(0) };
}

export const replace = (identities: readonly KnownIdentity[], fields: SampleFields) =>
  change('replace', identities, fields);
export const patch = (identities: readonly KnownIdentity[], fields: SampleFields) =>
  change('patch', identities, fields);
export const list = (identities: readonly KnownIdentity[]) => change('list', identities);

/** @param report with the names of `domain/membership/membership-report.ts` */
export function report(identities: readonly KnownIdentity[], told: object): ContactChange {
  return { kind: 'membership', identities, section: Buffer.from(JSON.stringify(told)) };
}

export const forget = (identities: readonly KnownIdentity[]) => change('forget', identities);
export const clear = (identities: readonly KnownIdentity[]) => change('clear', identities);

export async function readContact(
  reader: ContactReader,
  organizationId: number,
  key: IdentityKey,
): Promise<DecodedRecord | undefined> {
  const query = { organizationId, identity: key, parts: recordOnly };
  return reader.lendContact(query, ({ record }) => decodeRecord(record.bytes, record.length));
}

/** The identities of a contact. Empty for an unknown contact. */
export async function readIdentities(
  reader: ContactReader,
  organizationId: number,
  key: IdentityKey,
): Promise<readonly KnownIdentity[]> {
  const parts = { memberships: false, identities: true };
  const query = { organizationId, identity: key, parts };
  return (await reader.lendContact(query, ({ identities }) => [...identities])) ?? [];
}

/**
 * A copy of a contact's encoded memberships. `undefined` if the contact is unknown or has no
 * memberships.
 */
export async function readMemberships(
  reader: ContactReader,
  organizationId: number,
  key: IdentityKey,
): Promise<Buffer | undefined> {
  const parts = { memberships: true, identities: false };
  const text = await reader.lendContact(
    { organizationId, identity: key, parts },
    ({ memberships }) => memberships?.bytes.toString('latin1', 0, memberships.length),
  );
  return text === undefined ? undefined : Buffer.from(text, 'latin1');
}

/**
 * Field ids to JSON texts of one dataset's section. `undefined` if the contact or the section does
 * not exist.
 */
export async function readFields(
  reader: ContactReader,
  key: IdentityKey,
  place: { readonly organizationId?: number; readonly datasetId?: number } = {},
): Promise<Record<number, unknown> | undefined> {
  const { organizationId = 1, datasetId = 1 } = place;
  const record = await readContact(reader, organizationId, key);
  const found = record?.sections.find((it) => it.datasetId === datasetId);
  if (found === undefined) return undefined;
  return Object.fromEntries([...found.fields].map(([id, json]) => [id, JSON.parse(json)]));
}

/** A temporary data folder that is removed after the test. */
export function makeDataFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
