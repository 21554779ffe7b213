/** Finds contacts by a text that may be an identity of several types. */
import {
  guessIdentities,
  mayLackCountry,
  type Reading,
  readingsOf,
} from '../../domain/contact/guess-identity.ts';
import { identityDigest, type ParsedIdentity } from '../../domain/contact/identity.ts';
import type { IdentityType } from '../../domain/contact/identity-type.ts';
import { UsherError } from '../../domain/errors.ts';
import { seesIdentityType } from '../../domain/token/token-sight.ts';
import { compiledDefinitionsOf } from '../../membership/compiled-definitions.ts';
import { contactIdText } from '../../stores/read-record.ts';
import type { ContactReader, KnownIdentity } from '../../stores/store.ts';
import { maxSearchCandidates } from '../limits.ts';
import { sightOf } from '../token/actor-sight.ts';
import { type ContactCaller, requireScopes } from './contact-caller.ts';
import { displayName, nameColumns } from './display-name.ts';
import { contactIdView, type IdentityView, identityViews } from './identity-view.ts';
import { ColumnValues, chosenColumns } from './list-columns.ts';
import { contactSubject, noteLook } from './note-look.ts';
import { noteShown } from './note-shown.ts';
import { walkMoment } from './walk-moment.ts';

export interface ContactSearch {
  readonly query: string;
  /** The name of an identity type; `null`: every type that the query fits. */
  readonly type: string | null;
}

export interface ContactCandidate {
  /** `null` if the caller may not use ids of contacts. */
  readonly contact_id: string | null;
  readonly matched_type: string;
  /** `type:value`, normalised. */
  readonly matched_identity: string;
  /** Whether the country of the phone number is that of the organization's locale. */
  readonly is_country_guessed: boolean;
  readonly display_name: string | null;
  readonly name_fields: readonly string[];
  readonly identities: readonly IdentityView[];
}

export interface FoundContacts {
  /** What the query was read as; `null`: no type fits. */
  readonly type: string | null;
  readonly is_guessed: boolean;
  /** Other types that fit. */
  readonly alternatives: readonly string[];
  /** Whether the query may be a phone number without its country. */
  readonly lacks_country: boolean;
  /** That number with the country of the organization's locale, which was searched, too. */
  readonly read_as: string | null;
  readonly candidates: readonly ContactCandidate[];
}

/**
 * Notes the act in the audit log. An identity leads to at most one contact, so there are at most as
 * many candidates as types.
 * @throws UsherError `scope_missing`, `identity_type_unknown`, `identity_type_not_allowed`,
 *   `identity_value_invalid`
 */
export async function searchContacts(
  caller: ContactCaller,
  reader: ContactReader,
  { query, type }: ContactSearch,
): Promise<FoundContacts> {
  requireScopes(caller, ['admin:read', 'contacts:read']);
  const types = usableTypes(caller);
  const { locale } = caller.organization.organization;
  const guessed = guessIdentities(query, types, locale);
  const asked = type === null ? guessed : requireType({ types, locale }, type, query);
  await noteShown(caller, { action: 'contact.search' });
  const candidates = await readCandidates(caller, reader, asked);
  const names = new Set([
    ...candidates.map((one) => one.matched_type),
    ...asked.map((one) => one.type.name),
    ...guessed.map((one) => one.type.name),
  ]);
  const [best = null, ...alternatives] = names;
  const searched = new Map([...types].filter(([name]) => type === null || name === type));
  return {
    ...{ type: best, is_guessed: type === null, alternatives },
    lacks_country: mayLackCountry(query, searched),
    read_as: asked.find(({ isCountryGuessed }) => isCountryGuessed)?.value ?? null,
    candidates,
  };
}

function usableTypes({ administration, organization }: ContactCaller) {
  const lists = sightOf(administration.actor);
  return new Map([...organization.identityTypes].filter(([name]) => seesIdentityType(lists, name)));
}

/** A token with a list learns nothing about other types. */
function requireType(
  { types, locale }: { readonly types: ReadonlyMap<string, IdentityType>; readonly locale: string },
  name: string,
  query: string,
): readonly Reading[] {
  const known = [...types.keys()];
  const type = types.get(name);
  if (type === undefined) {
    throw new UsherError(
      'identity_type_unknown',
      `There is no such identity type, or the token may not use it. It may use ${known.join(', ')}.`,
      { members: { known_types: known } },
    );
  }
  const readings = readingsOf(type, query, locale);
  if (readings.length > 0) return readings;
  const advice = mayLackCountry(query, new Map([[name, type]]))
    ? 'Write the number with its country, such as +1 425 555 0142.'
    : 'Leave out "type" to search every type that the query fits.';
  throw new UsherError('identity_value_invalid', `The query is not a valid ${name}. ${advice}`, {
    members: { identity_type: name },
  });
}

async function readCandidates(
  caller: ContactCaller,
  reader: ContactReader,
  asked: readonly Reading[],
): Promise<readonly ContactCandidate[]> {
  const { administration, organization } = caller;
  const lists = sightOf(administration.actor);
  const columns = nameColumns(chosenColumns(caller, null));
  const moment = await walkMoment(reader, organization, administration.clock());
  const values = new ColumnValues(compiledDefinitionsOf(organization), columns, moment);
  const queries = asked.map((parsed) => ({
    organizationId: organization.organization.id,
    identity: keyOf(parsed),
    parts: { ...values.parts, identities: true },
    parsed,
  }));
  const found = await reader.readContacts(
    queries,
    (contact, { parsed }): FoundContact => ({
      ...{ parsed, contactId: contactIdText(contact.record.bytes) },
      identities: contact.identities,
      values: values.read(contact),
    }),
  );
  const show = identityViews(organization, lists);
  const seesIds = seesIdentityType(lists, 'id');
  const candidates = distinct(found.filter((one) => one !== undefined));
  const fields = columns.map(({ name }) => name);
  noteSearch(caller, { asked, candidates, fields });
  return candidates.map((one) => ({
    contact_id: seesIds ? contactIdView(Buffer.from(one.contactId, 'hex')) : null,
    matched_type: one.parsed.type.name,
    matched_identity: `${one.parsed.type.name}:${one.parsed.value}`,
    is_country_guessed: one.parsed.isCountryGuessed,
    display_name: displayName(one.values),
    name_fields: columns.map(({ name }) => name),
    identities: one.identities.flatMap((identity) => show(identity) ?? []),
  }));
}

/** Of a search without a candidate, every identity that was looked for is noted. */
function noteSearch(
  caller: ContactCaller,
  {
    asked,
    candidates,
    fields,
  }: {
    readonly asked: readonly ParsedIdentity[];
    readonly candidates: readonly FoundContact[];
    readonly fields: readonly string[];
  },
): void {
  const way = 'search';
  for (const { contactId } of candidates) {
    const subject = contactSubject(Buffer.from(contactId, 'hex'));
    noteLook(caller, { subject, way, fields });
  }
  if (candidates.length > 0) return;
  for (const parsed of asked) {
    noteLook(caller, { subject: keyOf(parsed), way, outcome: 'contact_not_found', fields });
  }
}

interface FoundContact {
  readonly parsed: Reading;
  /** In hexadecimal. */
  readonly contactId: string;
  readonly identities: readonly KnownIdentity[];
  /** JSON. */
  readonly values: readonly string[];
}

/** Each contact once, by its likeliest identity. */
function distinct(found: readonly FoundContact[]): readonly FoundContact[] {
  const byId = new Map(found.toReversed().map((one) => [one.contactId, one]));
  return found.filter((one) => byId.get(one.contactId) === one).slice(0, maxSearchCandidates);
}

function keyOf({ type, value }: ParsedIdentity) {
  return { typeId: type.id, digest: identityDigest(type.normalisation, value) };
}
