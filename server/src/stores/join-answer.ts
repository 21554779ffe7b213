/** What people join and part, and what the store answers. */
import type { RefusalCode } from '../domain/contact/component.ts';
import type { IdentityRules } from '../domain/contact/identity-rules.ts';
import type { IdentityKey, KnownIdentity } from './identity-key.ts';
import type { Amendment } from './privacy-answer.ts';

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
  /** A revision, as text. */
  readonly until: string;
  /** The `next` of an earlier call; `null`: from the start. */
  readonly after: string | null;
  /** `null` for the joins of all datasets. */
  readonly datasetId: number | null;
}

/** A row that claims an identity. */
export interface IdentityClaim {
  readonly datasetId: number;
  /** The row key. */
  readonly key: KnownIdentity;
  /**
   * Since when the row says so, in milliseconds since the epoch; `null`: an older release stored
   * it.
   */
  readonly sinceMs: number | null;
  /** Why the claim has no effect; `null`: it has. */
  readonly refused: RefusalCode | null;
}

export interface ExplainedIdentity extends KnownIdentity {
  /** If not, a row of the contact claims it without effect. */
  readonly leadsHere: boolean;
  /** Whether it leads here, or only rows of the contact claim it, and nobody else has it. */
  readonly isOwn: boolean;
  /** Whether the contact's own id belongs to this row key. */
  readonly isFounder: boolean;
  /** By rows of the contact, and by rows of other contacts without effect. */
  readonly claims: readonly IdentityClaim[];
}

/** The identities of a contact, and who claims them. */
export interface ExplainedContact {
  /** 16 bytes */
  readonly contactId: Uint8Array;
  /** Ids of contacts that are part of this one. */
  readonly otherIds: readonly Uint8Array[];
  readonly identities: readonly ExplainedIdentity[];
  /** What people amended. */
  readonly amendments: readonly Amendment[];
}

/** An entry of the log of joins and partings. */
export interface LoggedJoin {
  /** Its name, for `unmergeContacts`. */
  readonly entry: string;
  /** `join`: rows joined two keys. The others are by people. */
  readonly kind: 'join' | 'merge' | 'unmerge' | 'split' | 'storm';
  readonly atMs: number;
  /** For a join: the dataset whose row joined them. */
  readonly datasetId: number | null;
  readonly by: string | null;
  /** The pairs of row keys that were joined or parted. */
  readonly pairs: readonly (readonly [IdentityKey, IdentityKey])[];
  /** For a join: the identity by which they were joined. */
  readonly identity: IdentityKey | null;
  /** For a merge: whether it was taken back. */
  readonly isTakenBack: boolean;
}

export interface JoinLogPage {
  /** The newest first. */
  readonly joins: readonly LoggedJoin[];
  /** The place in the log before which the next page begins; `null`: there are no more. */
  readonly next: string | null;
}

/** Which entries of the log to search. */
export interface JoinSearch {
  readonly identities: readonly IdentityKey[];
  /** The `next` of an earlier search; `null`: the newest entries. */
  readonly after: string | null;
  /** How many entries are read. */
  readonly limit: number;
}
