/** Everything that the store has of the values of a contact, also those that do not count. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { packedMembership, packedMembershipFields } from '../../domain/membership/membership.ts';
import { readAmendments } from '../../stores/amended-fields.ts';
import { amendmentsDatasetId } from '../../stores/contact-codec.ts';
import type { ExplainedContact, IdentityClaim } from '../../stores/join-answer.ts';
import type { Amendment, EarlierRow } from '../../stores/privacy-answer.ts';
import {
  asOfAt,
  eachSection,
  fieldIdAt,
  findSectionEntry,
  sourceVersionAt,
  valueAt,
} from '../../stores/read-record.ts';
import { type AsOf, asOfOf } from '../../stores/section-age.ts';
import type { ContactReader, IdentityKey, LentContact } from '../../stores/store.ts';

export interface StoredSection {
  readonly datasetId: number;
  /** Encoded as `section-age.ts` describes. */
  readonly ownAsOf: number;
  /** When the run or the push that wrote it began: milliseconds since the epoch. */
  readonly writtenAtMs: number;
}

export interface StoredValue {
  readonly datasetId: number;
  readonly fieldId: number;
  readonly json: string;
}

/** Copies of the parts of a record. */
export interface StoredContact {
  /** Also those of lists, which have no values. */
  readonly sections: readonly StoredSection[];
  /** What datasets say, also where a person amended it. */
  readonly values: readonly StoredValue[];
  readonly amendments: readonly Amendment[];
  readonly memberships: readonly (readonly [field: string, json: string])[];
}

/** Call it while the contact is lent, with its memberships. */
export function copyStored({ record, memberships }: LentContact): StoredContact {
  const values: StoredValue[] = [];
  const sections: StoredSection[] = [];
  eachSection(record, (datasetId, section) => {
    if (datasetId === amendmentsDatasetId) return;
    const entry = findSectionEntry(record, datasetId);
    const writtenAtMs = Number(sourceVersionAt(record, entry) >> 16n);
    sections.push({ datasetId, ownAsOf: asOfAt(record, entry), writtenAtMs });
    for (let place = 0; place < section.fieldCount; place += 1) {
      const json = Buffer.from(valueAt(section, place)).toString();
      if (json === '') continue;
      values.push({ datasetId, fieldId: fieldIdAt(section, place), json });
    }
  });
  const packed = memberships?.bytes;
  return {
    ...{ sections, values, amendments: readAmendments(record) },
    memberships: packedMembershipFields.map((field, place) => {
      const json = packed === undefined ? '[]' : packedMembership(packed, place);
      return [field, Buffer.from(json, 'latin1').toString()] as const;
    }),
  };
}

/** Names of fields and datasets by their ids. */
export function namesIn({ fields, datasets }: OrganizationState) {
  const ofDatasets = new Map([...datasets.values()].map(({ id, name }) => [id, name]));
  const ofFields = new Map([...fields.values()].map((field) => [field.id, field]));
  const dataset = (datasetId: number) => ofDatasets.get(datasetId) ?? null;
  return {
    dataset,
    of: (fieldId: number) => {
      const field = ofFields.get(fieldId);
      if (field === undefined) return { field: null, dataset: null };
      return { field: field.name, dataset: dataset(field.datasetId) };
    },
  };
}

/** The rows of the contact, each once: those whose key leads to it. */
export function ownRows({ identities }: Pick<ExplainedContact, 'identities'>) {
  const own = new Set(identities.filter((one) => one.leadsHere).map(identityName));
  const claims = identities
    .flatMap((one) => one.claims)
    .filter(({ key }) => own.has(identityName(key)));
  const byRow = new Map(
    claims.map((claim) => [`${claim.datasetId} ${identityName(claim.key)}`, claim]),
  );
  return [...byRow.values()];
}

/** One text for each identity. */
export function identityName({ typeId, digest }: IdentityKey): string {
  return `${typeId} ${Buffer.from(digest).toString('hex')}`;
}

/** A row that does not answer, because a newer row of its dataset is part of the contact. */
export interface HiddenRow extends Omit<EarlierRow, 'asOfMs' | 'identities' | 'memberships'> {
  readonly asOfMs: AsOf;
}

/** @param rows the rows of the contact, each once */
export async function readHiddenRows(
  reader: ContactReader,
  organizationId: number,
  rows: readonly Pick<IdentityClaim, 'datasetId' | 'key'>[],
): Promise<readonly HiddenRow[]> {
  const hidden: HiddenRow[] = [];
  for (const { datasetId, key } of rows) {
    const row = await reader.readHiddenRow(organizationId, datasetId, key);
    if (row === undefined) continue;
    const asOfMs = asOfOf(row.asOfMs, await reader.asOf(organizationId, datasetId));
    hidden.push({ ...row, datasetId, key, asOfMs });
  }
  return hidden;
}
