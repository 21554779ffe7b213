/** One document with everything that is known of one person. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { emptyLedger } from '../../domain/membership/ledger-entry.ts';
import type { ExplainedContact, IdentityClaim } from '../../stores/join-answer.ts';
import type { ContactReader, IdentityKey } from '../../stores/store.ts';
import { contactIdView, type IdentityView, identityViews } from '../contact/identity-view.ts';
import { refusedJoin } from '../contact/join-refusals.ts';
import { type JoinView, viewJoins } from '../contact/list-joins.ts';
import { contactSubject, noteLook } from '../contact/note-look.ts';
import { findOwnJoins } from '../contact/own-joins.ts';
import { identityName, namesIn, ownRows, readHiddenRows } from '../contact/stored-values.ts';
import { everything } from '../token/actor-sight.ts';
import { performRequest } from './perform-request.ts';
import {
  type PrivacyCaller,
  type PrivacyStore,
  requirePrivacy,
  withKeyring,
} from './privacy-caller.ts';
import { type ExportedComputed, readComputed } from './read-computed.ts';
import { type ExportedReport, viewReports } from './read-reports.ts';
import {
  type ExportedAmendment,
  type ExportedDataset,
  type ExportedEarlierRow,
  type ExportedHiddenRow,
  type ExportedMemberships,
  type ExportedValue,
  readTraces,
  readValues,
  viewHiddenRow,
} from './read-values.ts';
import { type PrivacyRequestView, viewRequest } from './request-view.ts';
import { makeSubjects, subjectsUnder } from './subjects.ts';

/** `docs/privacy-export.schema.json` describes it for its readers. */
export interface ExportDocument {
  readonly version: 1;
  readonly request_id: string;
  readonly organization: string;
  /** RFC 3339. */
  readonly exported_at: string;
  /** `null`: no contact has the identity. */
  readonly contact_id: string | null;
  /** Ids of contacts that are part of this one. */
  readonly other_ids: readonly string[];
  readonly identities: readonly ExportedIdentity[];
  /** What joined and parted the contact, the newest first. */
  readonly joins: readonly Omit<JoinView, 'by'>[];
  /** Datasets that have a row of the contact, and lists that mark it. */
  readonly datasets: readonly ExportedDataset[];
  readonly values: readonly ExportedValue[];
  readonly hidden_rows: readonly ExportedHiddenRow[];
  /** Rows as they were before a run: rollback data. */
  readonly earlier_rows: readonly ExportedEarlierRow[];
  /** Everything that was amended: also what does not count. */
  readonly amendments: readonly ExportedAmendment[];
  /** How many rows of other people name one of the identities. */
  readonly other_rows: readonly { readonly dataset: string | null; readonly rows: number }[];
  /** As look-ups would answer them without rules. */
  readonly memberships: ExportedMemberships;
  /** Every report of a membership: also what ended, and what look-ups do not show. */
  readonly reports: readonly ExportedReport[];
  readonly computed: ExportedComputed;
  /** Earlier requests about the person, the newest first. */
  readonly requests: readonly Omit<PrivacyRequestView, 'actor'>[];
}

export interface ExportedIdentity {
  readonly identity: IdentityView;
  /** Whether it leads to the contact. */
  readonly leads_here: boolean;
  /** The rows of the contact that name it. */
  readonly claims: readonly {
    readonly dataset: string | null;
    readonly key: IdentityView | null;
    readonly since: string | null;
    readonly refused: IdentityClaim['refused'];
  }[];
}

/**
 * Everything that is known of the contact. Of an identity that leads to none, everything else that
 * is held of it. Nothing of the document is kept.
 * @param hand hands the document over: the request is done once it has ended
 * @throws UsherError `contact_not_found`, `scope_missing`, `storage_full`, `store_unavailable`
 */
export async function exportContact(
  caller: PrivacyCaller,
  store: PrivacyStore,
  {
    identity,
    hand,
  }: {
    readonly identity: IdentityKey;
    readonly hand?: (document: ExportDocument) => Promise<void>;
  },
): Promise<ExportDocument> {
  requirePrivacy(caller);
  const { administration, organization } = caller;
  const { result } = await performRequest(caller, 'export', async (id) => {
    const { name } = organization.organization;
    const { reader } = store;
    const person = await readPerson(reader, organization, identity);
    const traces = await readTraces(reader, organization, person.identities);
    const identities = [...person.identities, ...traces.related];
    const joins = await readOwnJoins(reader, organization, identities);
    if (person.contactId === null && joins.length === 0 && traces.isEmpty) {
      throw refusedJoin('contact_not_found');
    }
    const subjects = await makeSubjects(store, { organization, identities });
    const requests = await listEarlier(caller, store, { identities, exceptId: id });
    const { ledger, ...stored } = person.stored;
    const { amendments, earlier_rows } = traces.members;
    const document: ExportDocument = {
      ...{ version: 1, request_id: id, organization: name },
      exported_at: new Date(administration.clock()).toISOString(),
      contact_id: person.contactId,
      other_ids: person.otherIds,
      identities: person.shown,
      joins,
      ...stored,
      reports: viewReports(organization, ledger, traces.show),
      computed: await readComputed(reader, organization, {
        identity,
        nowMs: administration.clock(),
      }),
      hidden_rows: (await readHiddenRows(reader, organization.organization.id, person.rows)).map(
        (row) => viewHiddenRow(organization, row),
      ),
      ...traces.members,
      requests,
    };
    const counts = {
      ...{ values: stored.values.length, identities: identities.length, joins: joins.length },
      ...{ amendments: amendments.length, earlierRows: earlier_rows.length },
    };
    await hand?.(document);
    const subject = person.id === null ? identity : contactSubject(person.id);
    noteLook(caller, { subject, way: 'privacy_export', fields: organization.fields.keys() });
    return { subjects, counts, result: document };
  });
  return result;
}

/** The contact of an identity; of one that leads to none only the identity. */
async function readPerson(
  reader: ContactReader,
  organization: OrganizationState,
  identity: IdentityKey,
) {
  const { id } = organization.organization;
  const explained = await reader.explainContact(id, identity, organization.identityRules);
  if (explained === undefined || !leadsTo(explained, identity)) return withoutContact(identity);
  // A contact that has only rows of identities answers nothing.
  const stored = (await readValues(reader, organization, identity)) ?? nothingStored;
  const own = new Set(explained.identities.filter((it) => it.isOwn).map(identityName));
  return {
    id: explained.contactId,
    contactId: contactIdView(explained.contactId),
    otherIds: explained.otherIds.map(contactIdView),
    identities: explained.identities.filter((it) => own.has(identityName(it))),
    shown: viewIdentities(organization, explained, own),
    rows: ownRows(explained),
    stored,
  };
}

const nothingStored = {
  datasets: [] as readonly ExportedDataset[],
  values: [] as readonly ExportedValue[],
  memberships: {} as ExportedMemberships,
  ledger: emptyLedger,
};

/** Not if its rows only claim the identity. */
function leadsTo({ identities }: ExplainedContact, identity: IdentityKey): boolean {
  const name = identityName(identity);
  return (
    identity.typeId === 0 || identities.some((it) => it.leadsHere && identityName(it) === name)
  );
}

function withoutContact(identity: IdentityKey) {
  return {
    ...{ id: null, contactId: null },
    ...{ otherIds: [], shown: [], rows: [] },
    identities: [identity],
    stored: nothingStored,
  };
}

/** The entries of the log of joins with an identity of the contact. Those of others are `null`. */
async function readOwnJoins(
  reader: ContactReader,
  organization: OrganizationState,
  own: readonly IdentityKey[],
): Promise<readonly Omit<JoinView, 'by'>[]> {
  const names = new Set(own.map(identityName));
  const isShown = (key: IdentityKey) => names.has(identityName(key));
  const { joins } = await findOwnJoins(reader, organization.organization.id, { own });
  const views = await viewJoins(reader, organization, { joins, isShown });
  return views.map(({ by: _, ...view }) => view);
}

/** Rows of other people may name an identity of the person too. They are not shown. */
function viewIdentities(
  organization: OrganizationState,
  { identities }: ExplainedContact,
  own: ReadonlySet<string>,
): readonly ExportedIdentity[] {
  const show = identityViews(organization, everything);
  const { dataset } = namesIn(organization);
  return identities.flatMap((one) => {
    const identity = show(one);
    const claims = one.claims.filter(({ key }) => own.has(identityName(key)));
    if (identity === null || (!one.leadsHere && claims.length === 0)) return [];
    return [
      {
        identity,
        leads_here: one.leadsHere,
        claims: claims.map(({ datasetId, key, sinceMs, refused }) => ({
          dataset: dataset(datasetId),
          key: show(key),
          since: sinceMs === null ? null : new Date(sinceMs).toISOString(),
          refused,
        })),
      },
    ];
  });
}

async function listEarlier(
  { administration, organization }: PrivacyCaller,
  store: PrivacyStore,
  of: { readonly identities: readonly IdentityKey[]; readonly exceptId: string },
): Promise<readonly Omit<PrivacyRequestView, 'actor'>[]> {
  const { identities, exceptId } = of;
  const subjects: string[] = [];
  for (const { keyId } of store.suppression.describe()) {
    const ofKey = await withKeyring(store, keyId, (keyring) =>
      subjectsUnder(keyring, { organization, identities }),
    );
    subjects.push(...ofKey);
  }
  const { catalog } = administration;
  const found = await catalog.findPrivacyRequestsAbout(organization.organization.id, subjects);
  return found
    .filter(({ id }) => id !== exceptId)
    .map((request) => {
      const { actor: _, ...view } = viewRequest(request);
      return view;
    });
}
