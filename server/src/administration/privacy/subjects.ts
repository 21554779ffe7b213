/** Keyed digests of identities: all that a request keeps of a person. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import type { IdentityKey } from '../../stores/store.ts';
import type { SuppressionReader } from '../../stores/suppression-reader.ts';
import { type PrivacyStore, withSuppression } from './privacy-caller.ts';

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

/** The keyed digests of identities under one key, in hexadecimal; ids of contacts have none. */
export function subjectsUnder(
  lists: SuppressionReader,
  keyId: string,
  { organization, identities }: Subjected,
): string[] {
  const names = identityTypeNames(organization);
  const { id: organizationId } = organization.organization;
  return identities.flatMap(({ typeId, digest }) => {
    const name = typeId === 0 ? undefined : names.get(typeId);
    if (name === undefined) return [];
    const type = { organizationId, name };
    return [lists.digestsOf(keyId, type, Buffer.from(digest)).toString('hex')];
  });
}

export interface Subjected {
  readonly organization: OrganizationState;
  readonly identities: readonly IdentityKey[];
}

/** The keyed digests of identities. Makes the data folder's key if it has none. */
export async function makeSubjects(store: PrivacyStore, subjected: Subjected): Promise<string[]> {
  const made = await withSuppression(store, (lists) => underFirstKey(lists, subjected));
  if (made !== undefined) return made;
  await store.writer.makeSuppressionList();
  return (await withSuppression(store, (lists) => underFirstKey(lists, subjected))) ?? [];
}

function underFirstKey(lists: SuppressionReader, subjected: Subjected): string[] | undefined {
  const [keyId] = lists.keyIds;
  return keyId === undefined ? undefined : subjectsUnder(lists, keyId, subjected);
}
