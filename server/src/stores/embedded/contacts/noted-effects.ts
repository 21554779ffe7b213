/** What a batch notes of the contacts and identities that it changes. */
import type { RefusedClaim } from '../../contact-change.ts';
import type { IdentityKey } from '../../store.ts';
import type { CountedMoves } from './identity-links.ts';

export interface Refusal {
  readonly identity: IdentityKey;
  readonly code: RefusedClaim['code'];
}

export interface RefusedRow {
  readonly key: IdentityKey;
  readonly claims: readonly Refusal[];
}

/** A row that is applied without suppressed identities, by their types. */
export interface SuppressedRow {
  readonly key: IdentityKey;
  readonly typeIds: readonly number[];
}

export interface MovedIdentity {
  readonly identity: IdentityKey;
  /** The contact that it led to before the batch; `undefined`: one that the run created. */
  readonly before: Uint8Array | undefined;
  /** The contact that it leads to since; `undefined`: none. */
  readonly now: Uint8Array | undefined;
}

/** A contact that began or ceased to answer. */
export interface ChangedContact {
  readonly contactId: Uint8Array;
  /** Whether it answered before the batch. */
  readonly didAnswer: boolean;
  /** Whether it was written before the batch, since the run began. */
  readonly wasWritten: boolean;
}

/** An identity that nobody named any more, so that its moves were forgotten. */
export interface ForgottenIdentity {
  readonly identity: IdentityKey;
  readonly moves: readonly CountedMoves[];
}

export interface PartedContact {
  readonly contactId: Uint8Array;
  readonly keys: readonly IdentityKey[];
}
