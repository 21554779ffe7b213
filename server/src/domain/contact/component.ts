/** What `whoAnswers` looks at, and what it returns. Indexes name identities and rows. */
import type { IdentityRules } from './identity-rules.ts';
import type { ClaimedIdentity } from './identity-strength.ts';

/** Rows of membership feeds count as `contact`. */
export type RowKind = 'contact' | 'identity';

/** What a row says: that an identity leads to its contact. */
export interface RowClaim {
  /** Index in `identities` */
  readonly identity: number;
  /** The version since which the row says so. */
  readonly since: bigint;
  /** Whether a run of a snapshot dataset said it. */
  readonly isOfSnapshot: boolean;
}

export interface ClaimingRow {
  readonly datasetId: number;
  readonly kind: RowKind;
  /** Index in `identities` */
  readonly key: number;
  /** A claim of the row's own key has no meaning here, and may be left out. */
  readonly claims: readonly RowClaim[];
}

/** Two indexes in `identities` */
export type IdentityPair = readonly [number, number];

/**
 * Rows that share identities, step by step, with everything that people and earlier evidence said
 * of these identities. What is decided about them depends on nothing else.
 */
export interface Component {
  readonly rules: IdentityRules;
  readonly identities: readonly ClaimedIdentity[];
  readonly rows: readonly ClaimingRow[];
  /**
   * What people joined, the oldest first. Rows of one dataset may be one contact if their keys are
   * on different sides.
   */
  readonly merges: readonly {
    readonly keys: IdentityPair;
    readonly sides: readonly [readonly number[], readonly number[]];
  }[];
  /** What people parted. */
  readonly bars: readonly IdentityPair[];
  /** Keys that evidence joined. Such a join outlives its evidence. */
  readonly memory: readonly { readonly pair: IdentityPair; readonly version: bigint }[];
  /** By identity: the version at which a row let it go. */
  readonly breaks: ReadonlyMap<number, bigint>;
  /** Identities that more rows claim than are looked at. They join nobody. */
  readonly crowded: ReadonlySet<number>;
  /** Identities beyond the rows that are looked at. They join nobody. */
  readonly beyond: ReadonlySet<number>;
}

/** Why groups of rows cannot be one contact. */
export type ClashCode =
  | 'identity_conflict'
  | 'identity_limit'
  | 'identity_parted'
  | 'identity_shared';

export type RefusalCode = ClashCode | 'identity_moved' | 'identity_not_joining' | 'identity_taken';

/** Why a claim has no effect. `identity_suppressed`: it was erased with another contact. */
export type RefusedClaimCode = RefusalCode | 'identity_suppressed';

/** A claim that has no effect, until its reason ends. */
export interface Refusal {
  /** Index in `rows` */
  readonly row: number;
  /** Index in `identities` */
  readonly identity: number;
  readonly code: RefusalCode;
}

/** Two keys that rows joined, with the claims that say so. */
export interface Evidence {
  readonly pair: IdentityPair;
  /** The identity that joined them. It is one of the pair if a row is keyed by it. */
  readonly identity: number;
  readonly claims: readonly { readonly row: number; readonly since: bigint }[];
}

/** Rows that are one contact, and the identities that lead to it. */
export interface ContactGroup {
  readonly identities: readonly number[];
  /** If it has none, its identity leads nowhere. */
  readonly rows: readonly number[];
}

export interface Decision {
  /** By identity: the index of its group. */
  readonly groupOf: readonly number[];
  readonly groups: readonly ContactGroup[];
  readonly refusals: readonly Refusal[];
  readonly evidence: readonly Evidence[];
}
