/** Everything that the store has of a contact's values, with their sources and ages. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import type { MembershipLedger } from '../../domain/membership/ledger-entry.ts';
import { readLedger } from '../../domain/membership/membership-ledger.ts';
import { asOfOf } from '../../stores/section-age.ts';
import type { ContactReader, IdentityKey, KnownIdentity } from '../../stores/store.ts';
import { type IdentityView, identityViews } from '../contact/identity-view.ts';
import { copyStored, type HiddenRow, identityName, namesIn } from '../contact/stored-values.ts';
import { everything } from '../token/actor-sight.ts';
import { type ExportedReport, viewReports } from './read-reports.ts';

export interface ExportedValue {
  /** `null` if the field no longer exists. The value goes with the next run of its dataset. */
  readonly field: string | null;
  readonly value: unknown;
  /** The dataset that the field belongs to; `null`: it no longer exists. */
  readonly dataset: string | null;
  /** RFC 3339: how old the value is; `null`: unknown. */
  readonly as_of: string | null;
  /** Whether a person corrected it. */
  readonly amended: boolean;
  /** For an amended value: what the source says; `null`: nothing. */
  readonly source_value: unknown;
}

/** A dataset that has a row of the contact, or a list that marks it. */
export interface ExportedDataset {
  /** `null` if it no longer exists. */
  readonly dataset: string | null;
  /** RFC 3339: how old its row is; `null`: unknown. */
  readonly as_of: string | null;
}

/** Memberships by built-in field. */
export type ExportedMemberships = Readonly<Record<string, unknown>>;

/** The values of a contact; `undefined` if no contact has the identity. */
export async function readValues(
  reader: ContactReader,
  organization: OrganizationState,
  identity: IdentityKey,
): Promise<
  | {
      readonly datasets: readonly ExportedDataset[];
      readonly values: readonly ExportedValue[];
      readonly memberships: ExportedMemberships;
      /** Every report that the memberships follow from. */
      readonly ledger: MembershipLedger;
    }
  | undefined
> {
  const organizationId = organization.organization.id;
  const parts = { memberships: true, identities: false };
  const stored = await reader.lendContact({ organizationId, identity, parts }, (contact) => ({
    ...copyStored(contact),
    ledger: readLedger(contact.memberships?.bytes),
  }));
  if (stored === undefined) return undefined;
  const names = namesIn(organization);
  const ofSource = new Map(stored.values.map((value) => [value.fieldId, value]));
  const values: ExportedValue[] = [];
  for (const { fieldId, value, atMs } of stored.amendments) {
    const source = ofSource.get(fieldId);
    values.push({
      ...names.of(fieldId),
      ...{ value: JSON.parse(value), as_of: new Date(atMs).toISOString(), amended: true },
      source_value: source === undefined ? null : JSON.parse(source.json),
    });
    ofSource.delete(fieldId);
  }
  const datasets = new Map<number, ExportedDataset>();
  for (const { datasetId, ownAsOf } of stored.sections) {
    const asOfMs = asOfOf(ownAsOf, await reader.asOf(organizationId, datasetId));
    const asOf = asOfMs === undefined ? null : new Date(asOfMs).toISOString();
    datasets.set(datasetId, { dataset: names.dataset(datasetId), as_of: asOf });
  }
  for (const { datasetId, fieldId, json } of ofSource.values()) {
    values.push({
      ...{ ...names.of(fieldId), ...(datasets.get(datasetId) as ExportedDataset) },
      ...{ value: JSON.parse(json), amended: false, source_value: null },
    });
  }
  const memberships = stored.memberships.map(([field, json]) => [field, JSON.parse(json)]);
  return {
    datasets: [...datasets.values()],
    values: values.sort(byName),
    memberships: Object.fromEntries(memberships) as ExportedMemberships,
    ledger: stored.ledger,
  };
}

function byName(one: ExportedValue, other: ExportedValue): number {
  return (one.field ?? '~') < (other.field ?? '~') ? -1 : 1;
}

/** A row that does not answer, because a newer row of its dataset is part of the contact. */
export interface ExportedHiddenRow {
  readonly dataset: string | null;
  /** The key of the row. */
  readonly key: IdentityView | null;
  /** RFC 3339; `null`: unknown. */
  readonly as_of: string | null;
  readonly values: readonly { readonly field: string | null; readonly value: unknown }[];
}

export function viewHiddenRow(
  organization: OrganizationState,
  { datasetId, key, asOfMs, values }: HiddenRow,
): ExportedHiddenRow {
  const names = namesIn(organization);
  return {
    dataset: names.dataset(datasetId),
    key: identityViews(organization, everything)(key),
    as_of: asOfMs === undefined ? null : new Date(asOfMs).toISOString(),
    values: values.map(({ fieldId, value }) => {
      return { field: names.of(fieldId).field, value: JSON.parse(value) };
    }),
  };
}

/** A row as it was before a run. */
export interface ExportedEarlierRow extends ExportedHiddenRow {
  /** What the row named. Empty if the run did not change that. */
  readonly identities: readonly IdentityView[];
  /** Of a row that reports memberships: those of the contact by then. */
  readonly reports: readonly ExportedReport[];
}

/** A value that a person set. Of several of one field, the newest counts. */
export interface ExportedAmendment {
  /** The row key that it belongs to. */
  readonly key: IdentityView | null;
  /** `null` if the field no longer exists. */
  readonly field: string | null;
  readonly value: unknown;
  /** RFC 3339. */
  readonly at: string;
}

/** What is held of identities besides their contact. */
export async function readTraces(
  reader: ContactReader,
  organization: OrganizationState,
  identities: readonly (IdentityKey & { readonly value?: string })[],
) {
  const names = namesIn(organization);
  const show = identityViews(organization, everything);
  const traces = await reader.readTraces(organization.organization.id, identities);
  const { amendments, earlierRows, otherRows, related } = traces;
  const known = new Map<string, string>();
  for (const it of [...earlierRows.flatMap((row) => row.identities), ...identities]) {
    if (it.value) known.set(identityName(it), it.value);
  }
  const valued = ({ typeId, digest }: IdentityKey): KnownIdentity => {
    return { typeId, digest, value: known.get(identityName({ typeId, digest })) ?? '' };
  };
  const earlier = earlierRows.map(
    (row): ExportedEarlierRow => ({
      ...viewHiddenRow(organization, { ...row, key: valued(row.key) }),
      identities: row.identities.flatMap((it) => show(it) ?? []),
      reports: viewReports(organization, readLedger(row.memberships), (key) => show(valued(key))),
    }),
  );
  return {
    related: related.map(valued),
    show: (key: IdentityKey) => show(valued(key)),
    isEmpty: [amendments, earlier, otherRows].every(({ length }) => length === 0),
    members: {
      earlier_rows: earlier,
      amendments: amendments.flatMap(({ key, fields }) =>
        fields.map(
          ({ fieldId, value, atMs }): ExportedAmendment => ({
            ...{ key: show(valued(key)), field: names.of(fieldId).field, value: JSON.parse(value) },
            at: new Date(atMs).toISOString(),
          }),
        ),
      ),
      other_rows: otherRows.map(({ datasetId, rows }) => {
        return { dataset: names.dataset(datasetId), rows };
      }),
    },
  };
}
