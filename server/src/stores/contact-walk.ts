/** Which contacts are read one after the other: in the order of their ids, or drawn at random. */

/** What to read besides the record. Each part costs one more read. */
export interface ContactParts {
  readonly memberships: boolean;
  readonly identities: boolean;
}

export interface ContactWalk {
  readonly organizationId: number;
  readonly parts: ContactParts;
  readonly range: ContactRange;
  /** Asked after each contact: whether the walk ends there. A walk by id can go on from there. */
  readonly isOver?: () => boolean;
}

export type ContactRange = IdRange | DigestRange;

/** Contacts in the order of their ids, which is about that of their creation. */
export interface IdRange {
  readonly by: 'id';
  /** The id in hexadecimal that comes before the first one; `null`: from the beginning. */
  readonly after: string | null;
  /**
   * How many records to read at most; those of joined contacts lead to none. Of large records fewer
   * are read.
   */
  readonly limit: number;
}

/**
 * Contacts whose first identity has a digest in this range. Digests are hashes, so the range
 * contains each contact with the same probability, whatever its values are.
 */
export interface DigestRange {
  readonly by: 'digest';
  /** All identity types. */
  readonly typeIds: readonly number[];
  /** The first 48 bits of a digest, as a number. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
  /** How many of the first contacts are not read: those of a walk that ended early. */
  readonly skip?: number;
}

/** One more than the largest number in a `DigestRange`. */
export const digestSpace = 2 ** 48;

export interface WalkedContacts<Result> {
  readonly results: readonly Result[];
  /** In a walk by id: where the next one begins; `null`: all contacts were read. */
  readonly next: string | null;
}
