/** What commands about contacts share: definitions, the opened store, identities in operands. */
import type { Administration } from '../../administration/administration.ts';
import type { ContactCaller } from '../../administration/contact/contact-caller.ts';
import type { JoinStore } from '../../administration/contact/join-contacts.ts';
import { composeWriter } from '../../compose.ts';
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { identityDigest, isIdentityProblem, parseIdentity } from '../../domain/contact/identity.ts';
import { UsherError } from '../../domain/errors.ts';
import type { IdentityKey } from '../../stores/store.ts';
import type { CommandSession } from '../command-frame.ts';
import { withOrganization, withReader } from '../with-administration.ts';

/** Runs `work` with the definitions of the command's organization. */
export function withContactCaller<T>(
  session: CommandSession,
  work: (caller: ContactCaller) => Promise<T>,
): Promise<T> {
  return withOrganization(session, async (administration, organizationId) => {
    const organization = await readDefinitions(session, administration, organizationId);
    return work({ administration, organization });
  });
}

/** Opens the contact store for `work`, which writes through a running server if there is one. */
export async function withJoinStore<T>(
  { settings }: CommandSession,
  work: (store: JoinStore) => Promise<T>,
): Promise<T> {
  // The writer comes first: a store that was opened for reading cannot be opened for writing.
  const writer = await composeWriter(settings);
  try {
    return await withReader(settings, (reader) => work({ reader, writer }));
  } finally {
    await writer.close();
  }
}

/** Everything that the organization of the command has defined. */
async function readDefinitions(
  { organization }: CommandSession,
  { catalog }: Administration,
  organizationId: number,
): Promise<OrganizationState> {
  const state = (await catalog.loadState()).organizations.get(organizationId);
  if (state !== undefined) return state;
  throw new UsherError(
    'internal',
    `The organization ${organization} no longer exists. To list the organizations: usher organization list`,
  );
}

/**
 * @param text `type:value`
 * @throws UsherError `identity_malformed`, `identity_type_unknown`, `identity_value_invalid`
 */
export function readIdentity({ identityTypes }: OrganizationState, text: string): IdentityKey {
  const parsed = parseIdentity(text, identityTypes);
  if (isIdentityProblem(parsed)) throw new UsherError(parsed.code, parsed.detail);
  const { type, value } = parsed;
  return { typeId: type.id, digest: identityDigest(type.normalisation, value) };
}
