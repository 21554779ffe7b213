/**
 * Reads what the store holds of identities besides the contacts that they lead to: amendments,
 * rows as they were before a run, and rows of others that name them.
 */
import type { Amendment, EarlierRow, IdentityTraces } from '../../privacy-answer.ts';
import { asOfEarlier } from '../../section-age.ts';
import type { IdentityKey } from '../../store.ts';
import { AmendmentBook, unpackAmended } from '../contacts/amendment-book.ts';
import { Component, nameOf } from '../contacts/component.ts';
import { isRow } from '../contacts/component-work.ts';
import { componentSourceOf } from '../contacts/explain-contact.ts';
import { valuesOf } from '../contacts/hidden-sections.ts';
import { identityOf, readLinkKey, waitPrefix } from '../contacts/identity-links.ts';
import type { Environment } from '../environment.ts';
import { organizationPrefix } from '../keyed-database.ts';
import { type NotedRow, readRollbackKey, unpackRollbackEntry } from '../rollback/rollback-entry.ts';
import { readEntries } from './read-entries.ts';
import { leadsNowhere, readRelated } from './read-related.ts';

export async function readTraces(
  environment: Environment,
  organizationId: number,
  identities: readonly IdentityKey[],
): Promise<IdentityTraces> {
  const related = await readRelated(environment, organizationId, identities);
  const reading = new TraceReading(environment, organizationId, [...identities, ...related]);
  return {
    related,
    otherRows: await reading.otherRows(),
    amendments: await reading.amendments(),
    earlierRows: await reading.earlierRows(),
  };
}

class TraceReading {
  readonly #environment: Environment;
  readonly #organizationId: number;
  readonly #identities: readonly IdentityKey[];
  readonly #names: ReadonlySet<string>;

  constructor(
    environment: Environment,
    organizationId: number,
    identities: readonly IdentityKey[],
  ) {
    this.#environment = environment;
    this.#organizationId = organizationId;
    this.#identities = identities;
    this.#names = new Set(identities.map(nameOf));
  }

  /** Counts each row once. */
  async otherRows(): Promise<IdentityTraces['otherRows']> {
    const rows = new Map<string, number>();
    const note = (datasetId: number, key: IdentityKey) => {
      if (!this.#isOwn(key)) rows.set(`${datasetId} ${nameOf(key)}`, datasetId);
    };
    this.#environment.root.resetReadTxn();
    const component = this.#component();
    for (const identity of this.#identities) component.node(identity);
    component.gather();
    for (const row of component.rows) {
      const isNaming = row.claims.some(({ node }) => this.#isOwn(node));
      if (isNaming && isRow(row)) note(row.datasetId, row.key);
    }
    // Of an identity that many rows name, the component has only the first ones.
    const { root, link } = this.#environment;
    for (const identity of this.#identities) {
      const prefix = Uint8Array.from(waitPrefix(this.#organizationId, identity));
      for await (const entries of readEntries(root, link, prefix)) {
        for (const entry of entries) {
          const { waiting } = readLinkKey(entry.key);
          if (waiting !== undefined) note(waiting.datasetId, waiting.key);
        }
      }
    }
    const counted = Map.groupBy(rows.values(), (datasetId) => datasetId);
    return [...counted].map(([datasetId, { length }]) => ({ datasetId, rows: length }));
  }

  /** Those of their row keys, and those that wait for a row key of their contact to return. */
  async amendments(): Promise<IdentityTraces['amendments']> {
    const { root, amend } = this.#environment;
    const book = new AmendmentBook(amend);
    if (!book.hasAny(this.#organizationId)) return [];
    const found: { key: IdentityKey; fields: readonly Amendment[] }[] = [];
    for await (const entries of readEntries(root, amend, this.#prefix())) {
      for (const { key: at, value } of entries) {
        const key = identityOf(Buffer.from(at).subarray(2));
        const { fields, names } = unpackAmended(value);
        const isOwn = this.#isOwn(key);
        if (!isOwn && !(names.some((it) => this.#isOwn(it)) && !this.#hasRow(key))) continue;
        found.push({
          key,
          fields: fields.map(({ fieldId, json, atMs }) => {
            return { fieldId, value: Buffer.from(json).toString(), atMs };
          }),
        });
      }
    }
    return found;
  }

  async earlierRows(): Promise<readonly EarlierRow[]> {
    const { root, rollback } = this.#environment;
    const found: EarlierRow[] = [];
    for await (const entries of readEntries(root, rollback, this.#prefix())) {
      for (const { key, value } of entries) {
        const row = this.#earlierRow(Buffer.from(key), value);
        if (row !== undefined) found.push(row);
      }
    }
    return found;
  }

  #earlierRow(at: Buffer, value: Uint8Array): EarlierRow | undefined {
    const { kind, identity } = readRollbackKey(at);
    if (kind !== 'row') return undefined;
    const { before, memberships } = unpackRollbackEntry(value, value.length);
    const { claims = [], section } = before ?? {};
    const hasContent = section !== undefined || claims.length > 0 || memberships !== undefined;
    if (!hasContent) return undefined;
    const key = before?.key ?? identity;
    const own = claims.filter((it) => this.#isOwn(it));
    const hasOwnKey = this.#isOwn(key) || this.#isOwn(identity);
    // Of a row that is there, another person may have the identity by now. Of an identity that
    // leads to the person now, the row may be that of somebody who had it earlier.
    const mayBeOwn = own.some((it) => this.#leadsNowhere(it)) && this.#leadsNowhere(key);
    if (!hasOwnKey && !mayBeOwn) return undefined;
    const known = claims.find((it) => nameOf(it) === nameOf(key))?.value ?? '';
    return {
      datasetId: at.readUInt16BE(2),
      key: { ...key, value: known },
      identities: (hasOwnKey ? claims : own).map(({ typeId, digest, value }) => {
        return { typeId, digest, value };
      }),
      asOfMs: asOfEarlier(section?.asOfMs ?? 0, section?.sourceVersion ?? newestOf(before)),
      memberships: memberships && Buffer.from(memberships),
      values: section === undefined ? [] : valuesOf(section),
    };
  }

  #isOwn(identity: IdentityKey): boolean {
    return this.#names.has(nameOf(identity));
  }

  #hasRow(key: IdentityKey): boolean {
    const component = this.#component();
    const node = component.node(key);
    component.gather();
    return component.rows.some((row) => isRow(row) && row.key === node);
  }

  #leadsNowhere(identity: IdentityKey): boolean {
    return leadsNowhere(this.#environment, this.#organizationId, identity);
  }

  #component(): Component {
    return new Component(componentSourceOf(this.#environment, this.#organizationId));
  }

  #prefix() {
    return Uint8Array.from(organizationPrefix(this.#organizationId));
  }
}

/** The version of the newest part of a row without a section; 0: unknown. */
function newestOf(row: NotedRow | undefined): bigint {
  const versions = [row?.version ?? 0n, ...(row?.claims ?? []).map(({ since }) => since)];
  return versions.reduce((one, other) => (other > one ? other : one));
}
