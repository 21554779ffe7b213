/**
 * Lists contacts in pages, with their content fields: all of them, the members of a segment, or
 * those of a dataset.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { UsherError } from '../../domain/errors.ts';
import { seesIdentityType } from '../../domain/token/token-sight.ts';
import { compiledDefinitionsOf } from '../../membership/compiled-definitions.ts';
import { RecordEvaluator } from '../../membership/record-evaluator.ts';
import type { WalkedContacts } from '../../stores/contact-walk.ts';
import { contactIdText, findSectionEntry } from '../../stores/read-record.ts';
import type { Awaitable, ContactReader, KnownIdentity, LentContact } from '../../stores/store.ts';
import { contactsPerListStep, maxPageBytes, maxStepsPerPage } from '../limits.ts';
import { noteRead } from '../note-read.ts';
import { readSegment } from '../rule/segments.ts';
import { findSeenDataset, sightOf } from '../token/actor-sight.ts';
import { type ContactCaller, requireScopes } from './contact-caller.ts';
import {
  contactIdView,
  type IdentityView,
  identityViews,
  type ShowIdentity,
} from './identity-view.ts';
import { ColumnValues, chosenColumns, chosenTypes, type ListColumn } from './list-columns.ts';
import { contactSubject, noteLook } from './note-look.ts';
import { stepEnd } from './step-end.ts';
import { walkMoment } from './walk-moment.ts';

export interface ListRequest {
  /** The name or the id of a segment; `null`: all contacts. */
  readonly segment: string | null;
  /** Only contacts that have a row in the dataset of this name. By default all. */
  readonly dataset?: string | null;
  /**
   * Content fields and memberships; `null`: all content fields that the caller may see, with a
   * dataset only those that it fills.
   */
  readonly fields: readonly string[] | null;
  /** Identity types; `null`: all that the caller may see. */
  readonly identityTypes: readonly string[] | null;
  /**
   * The time as of which rules are evaluated and values withheld, in milliseconds since the epoch.
   * By default now.
   */
  readonly nowMs?: number;
  /** The revision of the definitions that the list began with. By default the present one. */
  readonly definitionsRevision?: number;
}

export interface ListedContact {
  /** `null` if the caller may not use ids of contacts. */
  readonly contact_id: string | null;
  readonly identities: readonly IdentityView[];
  /** By field. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface ContactPage {
  readonly contacts: readonly ListedContact[];
  /** Where the next page begins; `null`: this is the last one. */
  readonly next: string | null;
}

export interface ContactList {
  readonly columns: readonly ListColumn[];
  readonly identityTypes: readonly string[];
  /** The same for all pages, as is the revision. */
  readonly nowMs: number;
  readonly definitionsRevision: number;
  /**
   * At most `limit` contacts in the order of their ids, which is about that of their creation. A
   * page of a segment or of large contacts can have fewer, even none, while more follow.
   * @param after the `next` of the page before; `null`: from the beginning
   */
  readPage(after: string | null, limit: number): Promise<ContactPage>;
}

/**
 * Checks what the caller may see, and notes the act in the audit log.
 * @throws UsherError `scope_missing`, `resource_not_found` for a segment or a dataset,
 *   `parameter_invalid`, `revision_conflict` if the definitions have changed since the request's
 */
export async function openContactList(
  asking: ContactCaller,
  reader: ContactReader,
  request: ListRequest,
): Promise<ContactList> {
  requireScopes(asking, ['admin:read', 'contacts:read']);
  const { administration } = asking;
  const organizationId = asking.organization.organization.id;
  const caller = await withDefinitions(asking, request.definitionsRevision);
  const { organization: state } = caller;
  const identityTypes = chosenTypes(caller, request.identityTypes);
  const segment =
    request.segment === null
      ? null
      : await readSegment(administration, organizationId, request.segment);
  const { dataset = null } = request;
  const datasetId = dataset === null ? null : await seenDatasetId(caller, dataset);
  const seen = chosenColumns(caller, request.fields);
  const isAsked = ({ field }: ListColumn) => field?.datasetId === datasetId;
  const columns = datasetId !== null && request.fields === null ? seen.filter(isAsked) : seen;
  const compiled = compiledDefinitionsOf(state);
  const nowMs = request.nowMs ?? administration.clock();
  const moment = await walkMoment(reader, state, nowMs);
  const values = new ColumnValues(compiled, columns, moment);
  const condition = segment === null ? undefined : compiled.segments.get(segment.id)?.condition;
  const evaluator =
    segment === null
      ? null
      : new RecordEvaluator(compiled, compiled.reach({ segmentIds: [segment.id] }), moment);
  const show = identityViews(state, { ...sightOf(administration.actor), identityTypes });
  const readsMemberships = values.parts.memberships || evaluator?.parts.memberships === true;
  const walk = { organizationId, parts: { memberships: readsMemberships, identities: true } };
  await noteAct(caller, { segment: segment?.name ?? null, dataset, columns, identityTypes });

  const isListed = (contact: LentContact) => {
    if (datasetId !== null && findSectionEntry(contact.record, datasetId) < 0) return false;
    if (evaluator === null) return true;
    const evaluation = evaluator.begin(contact);
    try {
      return condition?.(evaluation) === true;
    } finally {
      evaluation.end();
    }
  };
  const isFiltered = evaluator !== null || datasetId !== null;
  const limitOf = (limit: number) => (isFiltered ? contactsPerListStep : limit);
  const readStep = (after: string | null, limit: number) =>
    reader.walkContacts(
      { ...walk, range: { by: 'id', after, limit: limitOf(limit) }, isOver: stepEnd() },
      (contact): FoundContact | null => {
        if (!isListed(contact)) return null;
        const contactId = contactIdText(contact.record.bytes);
        return { contactId, identities: contact.identities, values: values.read(contact) };
      },
    );
  const seesIds = seesIdentityType(sightOf(administration.actor), 'id');
  const fields = columns.map(({ name }) => name);
  const view = (found: FoundContact) => {
    const subject = contactSubject(Buffer.from(found.contactId, 'hex'));
    noteLook(caller, { subject, way: 'list', fields });
    return viewContact(found, { columns, show, seesIds });
  };
  return {
    ...{ columns, identityTypes, nowMs },
    definitionsRevision: state.definitions.revision,
    readPage: (after, limit) => readPage(readStep, { after, limit }, view),
  };
}

/** @throws UsherError `resource_not_found`, also for a dataset that the caller may not see */
async function seenDatasetId({ administration, organization }: ContactCaller, name: string) {
  const { id } = organization.organization;
  const { actor, catalog } = administration;
  return (await catalog.read((view) => findSeenDataset(view, actor, id, name))).id;
}

/**
 * The caller with the definitions of this revision; without one, with the present ones. A thread
 * sees new definitions after some milliseconds, so it may have to load them.
 * @throws UsherError `revision_conflict`
 */
async function withDefinitions(
  caller: ContactCaller,
  revision: number | undefined,
): Promise<ContactCaller> {
  const { catalog } = caller.administration;
  const { id } = caller.organization.organization;
  const present = async () =>
    (await catalog.read((view) => view.findOrganization({ id })))?.definitionsRevision;
  const wanted = revision ?? (await present());
  if (wanted === caller.organization.definitions.revision) return caller;
  const organization = (await catalog.loadState()).organizations.get(id) ?? caller.organization;
  if (revision === undefined || organization.definitions.revision === revision) {
    return { ...caller, organization };
  }
  throw new UsherError(
    'revision_conflict',
    'The definitions of the organization have changed since this list was begun, and all of its pages use the same ones. Start again without a cursor.',
  );
}

interface FoundContact {
  /** In hexadecimal. */
  readonly contactId: string;
  readonly identities: readonly KnownIdentity[];
  /** JSON. */
  readonly values: readonly string[];
}

type ReadStep = (
  after: string | null,
  limit: number,
) => Awaitable<WalkedContacts<FoundContact | null>>;

async function readPage(
  readStep: ReadStep,
  { after, limit }: { readonly after: string | null; readonly limit: number },
  view: (found: FoundContact) => ListedContact,
): Promise<ContactPage> {
  const contacts: ListedContact[] = [];
  let next = after;
  let bytes = 0;
  for (let step = 0; step < maxStepsPerPage; step += 1) {
    const room = limit - contacts.length;
    const read: WalkedContacts<FoundContact | null> = await readStep(next, room);
    const found = read.results.filter((one) => one !== null);
    const kept = found.slice(0, room);
    contacts.push(...kept.map(view));
    bytes += kept.reduce((sum, { values }) => sum + lengthOf(values), 0);
    const isFull = contacts.length === limit || bytes >= maxPageBytes;
    // The next page begins after the last contact of this one.
    next = found.length > room ? (kept.at(-1)?.contactId ?? null) : read.next;
    if (isFull || next === null) break;
    await nextTurn();
  }
  return { contacts, next };
}

function lengthOf(values: readonly string[]): number {
  return values.reduce((sum, { length }) => sum + length, 0);
}

function viewContact(
  { contactId, identities, values }: FoundContact,
  {
    columns,
    show,
    seesIds,
  }: {
    readonly columns: readonly ListColumn[];
    readonly show: ShowIdentity;
    readonly seesIds: boolean;
  },
): ListedContact {
  const shown = columns.map(({ name }, place) => [name, JSON.parse(values[place] ?? 'null')]);
  return {
    contact_id: seesIds ? contactIdView(Buffer.from(contactId, 'hex')) : null,
    identities: identities.flatMap((identity) => show(identity) ?? []),
    values: Object.fromEntries(shown) as ListedContact['values'],
  };
}

async function noteAct(
  { administration, organization }: ContactCaller,
  act: {
    readonly segment: string | null;
    readonly dataset: string | null;
    readonly columns: readonly ListColumn[];
    readonly identityTypes: readonly string[];
  },
): Promise<void> {
  const { segment, dataset, columns, identityTypes } = act;
  await noteRead(administration, organization.organization.id, {
    action: segment === null ? 'contact.list' : 'segment.members',
    target: segment ?? 'all contacts',
    after: {
      ...(dataset !== null && { dataset }),
      ...{ fields: columns.map(({ name }) => name), identity_types: identityTypes },
    },
  });
}
