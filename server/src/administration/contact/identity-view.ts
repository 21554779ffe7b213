/** Shows identities to an actor: their type and value, or what is known of their hash. */
import type { OrganizationState } from '../../domain/catalog-state.ts';
import { seesIdentityType, type TokenLists } from '../../domain/token/token-sight.ts';
import type { KnownIdentity } from '../../stores/store.ts';

export interface IdentityView {
  /** `null` if the type no longer exists. */
  readonly type: string | null;
  /** `null` if only the hash is known, or the value is masked. */
  readonly value: string | null;
  /** 12 hexadecimal digits; `null` if the value is known, or masked. */
  readonly digest: string | null;
}

const shownDigits = 12;

/** `null` if the lists do not allow its type. */
export type ShowIdentity = (identity: KnownIdentity) => IdentityView | null;

export function identityViews(
  { identityTypes }: Pick<OrganizationState, 'identityTypes'>,
  lists: TokenLists,
): ShowIdentity {
  const names = new Map<number, string>();
  // Of two names of one type, such as `email` and `email-hash`, the first one names a plain value.
  for (const { id, name } of identityTypes.values()) if (!names.has(id)) names.set(id, name);
  return ({ typeId, digest, value }) => {
    const type = names.get(typeId) ?? null;
    if (lists.identityTypes !== null && (type === null || !seesIdentityType(lists, type))) {
      return null;
    }
    if (lists.masksIdentities === true) return { type, value: null, digest: null };
    if (value !== '') return { type, value, digest: null };
    return { type, value: null, digest: Buffer.from(digest).toString('hex').slice(0, shownDigits) };
  };
}

/** The id of a contact in the form of a UUID. */
export function contactIdView(contactId: Uint8Array): string {
  const digits = Buffer.from(contactId).toString('hex');
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
