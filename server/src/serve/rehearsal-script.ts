/** Writes what a rehearsal looks up, and the catalog that it has meanwhile. */
import type { CatalogState, OrganizationState } from '../domain/catalog-state.ts';
import { typeNamesOf } from '../domain/contact/identity-type.ts';
import { rateLimitRange } from '../domain/limits.ts';
import { generateToken, type Token, tokenDigest } from '../domain/token/token.ts';
import type { ContactReader } from '../stores/store.ts';
import { rehearsalContacts, rehearsedFields } from './limits.ts';

export interface RehearsalScript {
  /** The catalog of the rehearsal: one organization, and a token that only the thread has. */
  readonly state: CatalogState;
  /** For each connection the requests that it sends one after the other, again and again. */
  readonly talks: readonly (readonly Buffer[])[];
}

interface ScriptParts {
  readonly state: CatalogState;
  readonly reader: Pick<ContactReader, 'walkContacts'>;
  readonly randomBytes: (size: number) => Uint8Array;
}

/**
 * Prepares look-ups of a few contacts of an organization.
 * @returns `undefined` if nobody could look up anything: there is no contact, or no token
 */
export async function writeScript({
  state,
  reader,
  randomBytes,
}: ScriptParts): Promise<RehearsalScript | undefined> {
  const tokens = new Map([...state.tokens.values()].map((it) => [it.organizationId, it] as const));
  for (const [organizationId, sample] of tokens) {
    const organization = state.organizations.get(organizationId);
    if (organization === undefined) continue;
    const identities = await findIdentities(reader, organizationId, organization);
    if (identities.length === 0) continue;
    const { id, text } = generateToken(randomBytes);
    const token = rehearsalToken(sample, { id, digest: tokenDigest(text) });
    return {
      state: rehearsalState(state, organization, token),
      talks: writeTalks(organization, identities, text),
    };
  }
  return undefined;
}

async function findIdentities(
  reader: Pick<ContactReader, 'walkContacts'>,
  organizationId: number,
  { identityTypes }: OrganizationState,
): Promise<readonly string[]> {
  const names = typeNamesOf([...identityTypes.values()]);
  const parts = { memberships: false, identities: true };
  const range = { by: 'id', after: null, limit: rehearsalContacts } as const;
  const walk = { organizationId, parts, range };
  const { results } = await reader.walkContacts(walk, ({ identities }) => {
    const known = identities.find(({ typeId, value }) => value !== '' && names.has(typeId));
    return known === undefined ? '' : `${names.get(known.typeId)}:${known.value}`;
  });
  return results.filter((identity) => identity !== '');
}

/** A copy of a real token, so that V8 sees the form of real ones. */
function rehearsalToken(sample: Token, own: Pick<Token, 'id' | 'digest'>): Token {
  const rights = { scopes: ['contacts:read'], expiresAtMs: null } as const;
  const lists = { fields: null, identityTypes: null, addresses: null };
  return { ...sample, ...own, ...rights, ...lists, maxShare: null };
}

function rehearsalState(
  { revision }: CatalogState,
  { organization, ...rest }: OrganizationState,
  token: Token,
): CatalogState {
  const generous = { ...organization, rateLimit: rateLimitRange.max };
  const organizations = new Map([[organization.id, { organization: generous, ...rest }]]);
  return { revision, organizations, tokens: new Map([[token.id, token]]) };
}

/** Most look-ups ask for some fields of known contacts. Some do not. */
function writeTalks(
  { fields }: OrganizationState,
  identities: readonly string[],
  token: string,
): RehearsalScript['talks'] {
  const names = [...fields.values()].filter(({ content }) => content).map(({ name }) => name);
  const some = names.length === 0 ? '' : `&fields=${names.slice(0, rehearsedFields).join()}`;
  const usual = requestsFor(identities, { token, query: some });
  const others = [
    requestsFor(identities, { token, query: '' }),
    requestsFor(identities, { token, query: some, headers: 'If-None-Match: *\r\n' }),
    requestsFor(unknownIdentities, { token, query: some }),
  ];
  return others.flatMap((other) => [usual, usual, other]);
}

const unknownIdentities = Array.from({ length: 10 }, (_, i) => `email:nobody-${i}@example.com`);

function requestsFor(
  identities: readonly string[],
  {
    token,
    query,
    headers = '',
  }: { readonly token: string; readonly query: string; readonly headers?: string },
): readonly Buffer[] {
  return identities.map((identity) =>
    Buffer.from(
      `GET /audience/v2/contacts?identity=${encodeURIComponent(identity)}${query} HTTP/1.1\r\n` +
        `Host: localhost\r\nAuthorization: Bearer ${token}\r\n${headers}\r\n`,
    ),
  );
}
