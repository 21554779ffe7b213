/** Lists contacts in pages: all of them, or the members of a segment, with their content fields. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Field } from '../../domain/contact/field.ts';
import { UsherError } from '../../domain/errors.ts';
import { nearestWord } from '../../domain/nearest-word.ts';
import { seesField, seesIdentityType } from '../../domain/token/token-sight.ts';
import { compiledDefinitionsOf } from '../../membership/compiled-definitions.ts';
import { ContactValues } from '../../membership/contact-values.ts';
import { RecordEvaluator } from '../../membership/record-evaluator.ts';
import type { WalkedContacts } from '../../stores/contact-walk.ts';
import { contactIdText } from '../../stores/read-record.ts';
import type { Awaitable, ContactReader, KnownIdentity, LentContact } from '../../stores/store.ts';
import { authorOf } from '../administration.ts';
import { contactsPerListStep, maxStepsPerPage } from '../limits.ts';
import { readSegment } from '../rule/segments.ts';
import { sightOf } from '../token/actor-sight.ts';
import { type ContactCaller, requireScopes } from './contact-caller.ts';
import {
  contactIdView,
  type IdentityView,
  identityViews,
  type ShowIdentity,
} from './identity-view.ts';
import { walkMoment } from './walk-moment.ts';

export interface ListRequest {
  /** The name or the id of a segment; `null`: all contacts. */
  readonly segment: string | null;
  /** Content fields; `null`: all that the caller may see. */
  readonly fields: readonly string[] | null;
  /** Identity types; `null`: all that the caller may see. */
  readonly identityTypes: readonly string[] | null;
}

export interface ListedContact {
  readonly contact_id: string;
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
  readonly fields: readonly Field[];
  readonly identityTypes: readonly string[];
  /**
   * At most `limit` contacts in the order of their ids, which is about that of their creation. A
   * page of a segment can have fewer, even none, while more follow.
   * @param after the `next` of the page before; `null`: from the beginning
   */
  readPage(after: string | null, limit: number): Promise<ContactPage>;
}

/**
 * Checks what the caller may see, and notes the act in the audit log.
 * @throws UsherError `scope_missing`, `resource_not_found` for a segment, `parameter_invalid`
 */
export async function openContactList(
  caller: ContactCaller,
  reader: ContactReader,
  request: ListRequest,
): Promise<ContactList> {
  requireScopes(caller, ['admin:read', 'contacts:read']);
  const { administration, organization: state } = caller;
  const organizationId = state.organization.id;
  const fields = chosenFields(caller, request.fields);
  const identityTypes = chosenTypes(caller, request.identityTypes);
  const segment =
    request.segment === null
      ? null
      : await readSegment(administration, organizationId, request.segment);
  const compiled = compiledDefinitionsOf(state);
  const moment = await walkMoment(reader, state, administration.clock());
  const values = new ContactValues(compiled, fields, moment);
  const condition = segment === null ? undefined : compiled.segments.get(segment.id)?.condition;
  const evaluator =
    segment === null
      ? null
      : new RecordEvaluator(compiled, compiled.reach({ segmentIds: [segment.id] }), moment);
  const show = identityViews(state, { ...sightOf(administration.actor), identityTypes });
  const readsMemberships = values.parts.memberships || evaluator?.parts.memberships === true;
  const walk = { organizationId, parts: { memberships: readsMemberships, identities: true } };
  await noteAct(caller, { segment: segment?.name ?? null, fields, identityTypes });

  const isListed = (contact: LentContact) => {
    if (evaluator === null) return true;
    const evaluation = evaluator.begin(contact);
    try {
      return condition?.(evaluation) === true;
    } finally {
      evaluation.end();
    }
  };
  const limitOf = (limit: number) => (evaluator === null ? limit : contactsPerListStep);
  const readStep = (after: string | null, limit: number) =>
    reader.walkContacts(
      { ...walk, range: { by: 'id', after, limit: limitOf(limit) } },
      (contact): FoundContact | null => {
        if (!isListed(contact)) return null;
        const contactId = contactIdText(contact.record.bytes);
        return { contactId, identities: contact.identities, values: values.read(contact) };
      },
    );
  const view = (found: FoundContact) => viewContact(found, fields, show);
  return {
    fields,
    identityTypes,
    readPage: (after, limit) => readPage(readStep, { after, limit }, view),
  };
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
  for (let step = 0; step < maxStepsPerPage; step += 1) {
    const room = limit - contacts.length;
    const read: WalkedContacts<FoundContact | null> = await readStep(next, room);
    const found = read.results.filter((one) => one !== null);
    const kept = found.slice(0, room);
    contacts.push(...kept.map(view));
    const isFull = contacts.length === limit;
    // The next page begins after the last contact of this one.
    next = found.length > room ? (kept.at(-1)?.contactId ?? null) : read.next;
    if (isFull || next === null) break;
    await nextTurn();
  }
  return { contacts, next };
}

function viewContact(
  { contactId, identities, values }: FoundContact,
  fields: readonly Field[],
  show: ShowIdentity,
): ListedContact {
  const shown = fields.map(({ name }, place) => [name, JSON.parse(values[place] ?? 'null')]);
  return {
    contact_id: contactIdView(Buffer.from(contactId, 'hex')),
    identities: identities.flatMap((identity) => show(identity) ?? []),
    values: Object.fromEntries(shown) as ListedContact['values'],
  };
}

/** A token learns nothing about fields that are not on its list. */
function chosenFields(
  { administration, organization }: ContactCaller,
  names: readonly string[] | null,
): readonly Field[] {
  const lists = sightOf(administration.actor);
  const datasetNames = new Map([...organization.datasets.values()].map((it) => [it.id, it.name]));
  const seen = [...organization.fields.values()].filter(({ name, content, datasetId }) => {
    return content && seesField(lists, name, datasetNames.get(datasetId) ?? null);
  });
  if (names === null) return seen;
  const byName = new Map(seen.map((field) => [field.name, field]));
  return [...new Set(names)].map(
    (name) => byName.get(name) ?? unknown('field', name, byName.keys()),
  );
}

function chosenTypes(
  { administration, organization }: ContactCaller,
  names: readonly string[] | null,
): readonly string[] {
  const lists = sightOf(administration.actor);
  const seen = [...organization.identityTypes.values()]
    .filter(({ id, name }) => id !== 0 && seesIdentityType(lists, name))
    .map(({ name }) => name);
  if (names === null) return seen;
  return [...new Set(names)].map((name) =>
    seen.includes(name) ? name : unknown('identity type', name, seen),
  );
}

function unknown(kind: 'field' | 'identity type', name: string, known: Iterable<string>): never {
  const all = [...known];
  const near = nearestWord(name, all);
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  const what = kind === 'field' ? 'content field' : kind;
  throw new UsherError('parameter_invalid', `There is no ${what} ${name} to list.${hint}`, {
    members: { parameter: kind === 'field' ? 'fields' : 'identity_types' },
  });
}

async function noteAct(
  { administration, organization }: ContactCaller,
  act: {
    readonly segment: string | null;
    readonly fields: readonly Field[];
    readonly identityTypes: readonly string[];
  },
): Promise<void> {
  const { segment, fields, identityTypes } = act;
  const record = {
    organizationId: organization.organization.id,
    action: segment === null ? 'contact.list' : 'segment.members',
    target: segment ?? 'all contacts',
    before: null,
    after: { fields: fields.map(({ name }) => name), identity_types: identityTypes },
  };
  await administration.catalog.recordActs(authorOf(administration), [record]);
}
