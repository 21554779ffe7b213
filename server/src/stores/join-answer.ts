/** What people join and part, and what the store answers. */
import type { IdentityRules } from '../domain/contact/identity-rules.ts';

export interface JoinOptions {
  /** Who asks: kept in the log. */
  readonly by: string | null;
  /** How the organization's identities join. Missing: as last given. */
  readonly rules?: IdentityRules;
}

/**
 * `same_contact`: the two are one contact already. `identity_conflict`: they have different stable
 * values. `identity_limit`: together they have too many identities. `still_joined`: other evidence
 * joins the two. `nothing_to_part`: the contact has no other row key.
 */
export type JoinRefusal =
  | 'contact_not_found'
  | 'same_contact'
  | 'identity_conflict'
  | 'identity_limit'
  | 'identity_parted'
  | 'identity_shared'
  | 'not_found'
  | 'still_joined'
  | 'nothing_to_part';

/** `entry` names what was done in the log. If it was refused, nothing changed. */
export type JoinAnswer = { readonly entry: string } | { readonly refused: JoinRefusal };

/** Which joins by rows to part. */
export interface JoinStorm {
  /** A revision, as text. */
  readonly since: string;
  readonly until: string;
  /** `null`: the joins of all datasets. */
  readonly datasetId: number | null;
}
