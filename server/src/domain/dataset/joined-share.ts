/**
 * How many contacts a run would join with others, and whether that needs approval. Up to
 * `fewJoinedContacts` contacts never need it. A contact counts if a row of the run would bring it
 * together with another one: the identity rules then join the two, or move an identity from one to
 * the other, or refuse the claim. So fewer contacts may change than are counted.
 */
import { approvalSlack, fewJoinedContacts } from '../limits.ts';
import { roundingError } from './rejected-share.ts';
import type { WaitCause } from './wait-cause.ts';

export interface JoinedShare {
  /** Existing contacts that rows of the run would bring together. */
  readonly contacts: number;
  /** Contacts that the dataset names after the run. */
  readonly named: number;
  /** The share of `named` that needs no approval, 0 to 1. */
  readonly maxShare: number;
  /** Names of the identity types that bring them together. */
  readonly identityTypes: readonly string[];
  /** The groups of the most contacts, the largest first: at most `shownGroups`. */
  readonly largest: readonly JoinedGroup[];
}

/** Contacts that rows of a run bring together, directly or through others. */
export interface JoinedGroup {
  /** Two or more. */
  readonly contacts: number;
  /** Rows of the run that bring them together. */
  readonly rows: number;
  readonly identityTypes: readonly string[];
}

/** As a share of the contacts that the dataset names. It may be above 1. */
export function joinedShareOf({ contacts, named }: JoinedShare): number {
  return contacts / Math.max(1, named);
}

export function isJoinedTooMuch(joins: JoinedShare): boolean {
  return (
    joins.contacts > fewJoinedContacts && joinedShareOf(joins) > joins.maxShare + roundingError
  );
}

/** Whether a person who approved some joins thereby approved those that were measured later. */
export function areJoinsCovered(
  now: Pick<JoinedShare, 'contacts' | 'identityTypes'>,
  approved: JoinedShare | null,
): boolean {
  if (approved === null) return false;
  const slack = Math.max(1, Math.floor(approved.named * approvalSlack));
  const types = new Set(approved.identityTypes);
  return (
    now.contacts <= approved.contacts + slack && now.identityTypes.every((type) => types.has(type))
  );
}

/** Why the run must wait; `undefined` if it need not wait. */
export function joinCause(joins: JoinedShare): WaitCause | undefined {
  if (!isJoinedTooMuch(joins)) return undefined;
  const { contacts, named, maxShare, identityTypes } = joins;
  return {
    code: 'contacts_joined',
    ...{ contacts, contacts_named: named, share: joinedShareOf(joins), max_share: maxShare },
    identity_types: [...identityTypes],
  };
}
