/** Which identity is stronger: the one of the stronger type, and of one type the lower digest. */
import { type IdentityRules, type IdentityTypeRules, usualTypeRules } from './identity-rules.ts';

export interface ClaimedIdentity {
  /** `IdentityType.id` */
  readonly typeId: number;
  /** Sorts the identities of one type. */
  readonly digest: Uint8Array;
}

export interface RankedType extends IdentityTypeRules {
  /** 0 for the strongest type */
  readonly rank: number;
}

/** Sorts the strongest identity first. */
export function compareStrength(
  rules: IdentityRules,
  one: ClaimedIdentity,
  other: ClaimedIdentity,
): number {
  const ranks = rankOf(rules, one.typeId) - rankOf(rules, other.typeId);
  return ranks || compareDigests(one.digest, other.digest);
}

/** The rules of a type. The usual ones count for a type without rules of its own. */
export function rankedType(rules: IdentityRules, id: number): RankedType {
  const own = rules.types.find((type) => type.id === id);
  return { ...(own ?? { id, ...usualTypeRules }), rank: rankOf(rules, id) };
}

/** Types without rules come after the others, the lowest id first. */
function rankOf({ types }: IdentityRules, id: number): number {
  for (let place = 0; place < types.length; place += 1) {
    if (types[place]?.id === id) return place;
  }
  return types.length + id;
}

export function compareDigests(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < one.length; at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
