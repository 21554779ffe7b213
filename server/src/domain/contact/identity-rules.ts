/** The rules of an organization: how each identity type joins contacts, and whom it trusts. */

export interface IdentityTypeRules {
  /** `IdentityType.id` */
  readonly id: number;
  /** Whether rows that share a value are joined. */
  readonly joins: boolean;
  /** Whether two values are always two people. One type at most is stable. */
  readonly isStable: boolean;
  /** How many identities of the type one contact may have. */
  readonly maxPerContact: number;
  /** How many rows of one dataset may claim a value. */
  readonly sharedLimit: number;
}

export interface IdentityRules {
  /** The strongest first: the stable type, then the order of the definitions. */
  readonly types: readonly IdentityTypeRules[];
  /** Dataset ids, the most trusted first. Those that are not listed come after them, as equals. */
  readonly trust: readonly number[];
}

export const usualTypeRules: Omit<IdentityTypeRules, 'id'> = {
  joins: true,
  isStable: false,
  maxPerContact: 20,
  sharedLimit: 3,
};

/** What counts where no rules were given: every type joins, and the lowest id is the strongest. */
export const usualRules: IdentityRules = { types: [], trust: [] };

/**
 * The rules of an organization with these identity types. Names of one type, such as `email` and
 * `email-hash`, give one entry. Contact ids have none, because no row claims one.
 */
export function makeIdentityRules(
  types: Iterable<IdentityTypeRules>,
  trust: readonly number[],
): IdentityRules {
  const rules = new Map<number, IdentityTypeRules>();
  for (const { id, joins, isStable, maxPerContact, sharedLimit } of types) {
    if (id > 0) rules.set(id, { id, joins, isStable, maxPerContact, sharedLimit });
  }
  const strongestFirst = [...rules.values()].sort(
    (a, b) => Number(b.isStable) - Number(a.isStable) || a.id - b.id,
  );
  return { types: strongestFirst, trust };
}
