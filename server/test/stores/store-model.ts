/**
 * A model of a store in the simplest form: maps. Tests apply the same changes to it and to a real
 * store.
 */

import { isDeepStrictEqual } from 'node:util';
import type { ChangeKind } from '../../src/stores/change-kind.ts';
import type { BatchReport } from '../../src/stores/store.ts';
import type { SampleFields } from './sample-changes.ts';

export interface ModelChange {
  readonly kind: Exclude<ChangeKind, 'membership'>;
  /** `type:value`, such as `1:a`. */
  readonly identities: readonly string[];
  readonly fields: SampleFields;
}

export interface ModelContact {
  readonly identities: string[];
  /** Dataset id to section. */
  readonly sections: Map<number, { version: number; fields: Record<number, unknown> }>;
}

type Refused = 'identity_conflict' | 'identity_repeated';
type Outcome = 'added' | 'changed' | 'unchanged' | 'stale' | 'cleared' | 'unmatched' | Refused;

export class StoreModel {
  /** Organization id to contacts by identity. */
  readonly organizations = new Map<number, Map<string, ModelContact>>();

  /**
   * Applies a batch.
   * @returns the report that a store should give, without its revision
   */
  apply(
    place: { organizationId: number; datasetId: number; version: number },
    changes: readonly ModelChange[],
  ): Omit<BatchReport, 'revision'> {
    const counts = { added: 0, changed: 0, unchanged: 0, stale: 0, cleared: 0 };
    const unmatched: number[] = [];
    const rejected: { index: number; code: Refused }[] = [];
    for (const [index, change] of changes.entries()) {
      const outcome = this.#applyOne(place, change);
      if (outcome === 'identity_conflict' || outcome === 'identity_repeated') {
        rejected.push({ index, code: outcome });
      } else if (outcome === 'unmatched') {
        unmatched.push(index);
      } else {
        counts[outcome] += 1;
      }
    }
    return { ...counts, unmatched, rejected };
  }

  contacts(organizationId: number): Map<string, ModelContact> {
    const contacts = this.organizations.get(organizationId) ?? new Map<string, ModelContact>();
    this.organizations.set(organizationId, contacts);
    return contacts;
  }

  #applyOne(
    place: { organizationId: number; datasetId: number; version: number },
    change: ModelChange,
  ): Outcome {
    const contacts = this.contacts(place.organizationId);
    const known = change.identities.map((it) => contacts.get(it));
    const met = [...new Set(known.filter((it) => it !== undefined))];
    if (met.length > 1) return 'identity_conflict';
    if (change.kind === 'clear') return clearModel(met[0], place);
    if (change.kind === 'list' && (met[0]?.sections.size ?? 0) === 0) return 'unmatched';
    const contact: ModelContact = met[0] ?? { identities: [], sections: new Map() };
    const old = contact.sections.get(place.datasetId);
    if (old !== undefined && old.version > place.version) return 'stale';
    const isList = change.kind === 'list';
    const named = isList ? [] : change.identities;
    const fresh = [...new Set(named.filter((it) => !contacts.has(it)))];
    const fields = withFields(
      change.kind === 'patch' ? (old?.fields ?? {}) : {},
      isList ? {} : change.fields,
    );
    if (fresh.length === 0 && old !== undefined && isDeepStrictEqual(old.fields, fields)) {
      return 'unchanged';
    }
    if (old?.version === place.version) return 'identity_repeated';
    contact.sections.set(place.datasetId, { version: place.version, fields });
    contact.identities.push(...fresh);
    for (const identity of fresh) contacts.set(identity, contact);
    return met[0] === undefined ? 'added' : 'changed';
  }
}

function clearModel(
  contact: ModelContact | undefined,
  { datasetId, version }: { datasetId: number; version: number },
): Outcome {
  const section = contact?.sections.get(datasetId);
  if (section === undefined) return 'unchanged';
  if (section.version >= version) return 'stale';
  contact?.sections.delete(datasetId);
  return 'cleared';
}

function withFields(old: Record<number, unknown>, fields: SampleFields): Record<number, unknown> {
  const merged = { ...old, ...fields };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}
