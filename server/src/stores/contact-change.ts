/** What a run or a push asks of the store, and what it reports. */
import type { RefusedClaimCode } from '../domain/contact/component.ts';
import type { IdentityRules } from '../domain/contact/identity-rules.ts';
import type { ChangeKind } from './change-kind.ts';
import type { KnownIdentity } from './identity-key.ts';

/** The change that one row asks for. A stale change does nothing at all. */
export interface ContactChange {
  readonly kind: ChangeKind;
  /**
   * At least one. The first is the row key, by which the dataset's row is found; the row claims
   * them all. For `list` the first one that leads to a contact finds it. Type 0 (`id`) stands for
   * the founder of an existing contact.
   */
  readonly identities: readonly KnownIdentity[];
  /** Identity types that a `patch` lets go; those that it names stay. */
  readonly cleared?: readonly number[];
  /**
   * As `encodeSection` writes it; for `membership` JSON (`domain/membership/membership-report.ts`).
   * Empty for `clear`, `forget`, `keep-age`, `list` and `identity`.
   */
  readonly section: Uint8Array;
}

export type RefusedChange =
  | 'contact_suppressed'
  | 'identity_shared'
  | 'identity_repeated'
  | 'value_invalid';

/** What a run or a push did to people, besides their values. */
interface ChangedPeople {
  /** Contacts that became part of another one. */
  readonly joined: number;
  /** Contacts that were one and are several now. */
  readonly parted: number;
  /** Identities that led to a contact and lead to another one now, which it did not join. */
  readonly moved: number;
  /** Identities that led to a contact and lead nowhere now. */
  readonly released: number;
}

/** What a run did to people. */
export interface RunPeople extends ChangedPeople {
  /**
   * By identity type: how many of the moved identities the dataset's runs have moved three times or
   * more.
   */
  readonly movedOften: readonly (readonly [typeId: number, identities: number])[];
}

/** What a push did to people. */
export interface PeopleReport extends ChangedPeople {
  /** Claims of the pushed rows that have no effect, in the order of the rows. */
  readonly refusedClaims: readonly RefusedClaim[];
}

/** What is known of the effects of a run. */
export interface RunPeopleReport extends RunPeople {
  /** For the next call; `null`: that is all. */
  readonly next: string | null;
  /**
   * Claims of the dataset's rows that have no effect, as far as this call found them: those of the
   * rows that the run sent, and of rows that claim the same identities.
   */
  readonly refusedClaims: readonly RefusedClaimOfRun[];
}

export interface RefusedClaimOfRun {
  /** The row key; the digest in hexadecimal digits. */
  readonly row: { readonly typeId: number; readonly digest: string };
  /** The type of the identity that the row claims. */
  readonly typeId: number;
  readonly code: RefusedClaimCode;
}

/** A claim without effect. Its row is applied all the same. */
export interface RefusedClaim {
  /** The index of its row in the push. */
  readonly index: number;
  /** The type of the identity that the row claims. */
  readonly typeId: number;
  readonly code: RefusedClaimCode;
}

/** The report of a push that changed nothing of this. */
export const samePeople: PeopleReport = {
  ...{ joined: 0, parted: 0, moved: 0, released: 0 },
  refusedClaims: [],
};

export interface BatchReport {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly stale: number;
  /** Contacts that lost the dataset's section, or its reports. */
  readonly cleared: number;
  /** Rows of a list that match no contact, by their index in the batch. */
  readonly unmatched: readonly number[];
  /**
   * Rejected rows, by their index. `value_invalid`: a malformed section or identity, an unknown id,
   * or a contact above a limit. `identity_repeated`: two rows of the run have one key and other
   * content; the first one stays. `identity_shared`: several rows claim the key of a patch.
   * `contact_suppressed`: the row names an identity of a contact that was erased.
   */
  readonly rejected: readonly { readonly index: number; readonly code: RefusedChange }[];
  /** The revision of the last record written, as callers see it; `''` if none was. */
  readonly revision: string;
}

export interface PushOptions {
  /** How fresh the rows are, in milliseconds since the epoch. */
  readonly atMs: number;
  /** Missing or `null`: the same push sent again is applied again. */
  readonly once?: PushOnce | null;
  /** The types of the dataset's identifiers, the strongest row key first. */
  readonly keyOrder?: readonly number[];
  /** How the organization's identities join. Missing: as last given. */
  readonly rules?: IdentityRules;
}

/** Keeps the answer of a push for a day. The same push then gets it again and changes nothing. */
export interface PushOnce {
  /** 32 hexadecimal digits: a digest of the caller's key, unique in the organization. */
  readonly key: string;
  /** A digest of everything that is pushed. */
  readonly fingerprint: string;
  /** Stored with the answer; must not hold personal data. */
  readonly note: string;
}

export interface PushReport extends BatchReport, PeopleReport {
  /** The note of the push that first got this answer; `null` if it is this push. */
  readonly keptNote: string | null;
}
