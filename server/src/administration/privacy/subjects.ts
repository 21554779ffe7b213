/** Keyed digests of identities: all that a request keeps of a person. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import type { IdentityKey } from '../../stores/store.ts';
import type { SuppressionKeyring } from '../../stores/suppression-files.ts';
import { type PrivacyStore, withKeyring } from './privacy-caller.ts';

/**
 * The name of each identity type by its id. Of two names of one type, such as `email` and
 * `email-hash`, the first one counts.
 */
export function identityTypeNames({
  identityTypes,
}: Pick<OrganizationState, 'identityTypes'>): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const { id, name } of identityTypes.values()) if (!names.has(id)) names.set(id, name);
  return names;
}

export interface Subjected {
  readonly organization: OrganizationState;
  readonly identities: readonly IdentityKey[];
}

/** The keyed digests of identities under one key; ids of contacts have none. */
export function subjectsUnder(
  keyring: SuppressionKeyring,
  { organization, identities }: Subjected,
): string[] {
  const names = identityTypeNames(organization);
  const { id: organizationId } = organization.organization;
  return identities.flatMap(({ typeId, digest }) => {
    const type = typeId === 0 ? undefined : names.get(typeId);
    return type === undefined ? [] : [keyring.keyedDigest({ organizationId, type, digest })];
  });
}

/** The keyed digests of identities. Makes the data folder's own list and key if it has none. */
export async function makeSubjects(store: PrivacyStore, subjected: Subjected): Promise<string[]> {
  const { keyId } = await store.writer.ownSuppressionList();
  return withKeyring(store, keyId, (keyring) => subjectsUnder(keyring, subjected));
}
