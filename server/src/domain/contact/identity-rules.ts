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

/** The names that suppressions use: ids may differ after a restore. */
export interface RuleNames {
  /** Identity types. Of several names of one type, such as `email` and `email-hash`, the first. */
  readonly types: readonly (readonly [id: number, name: string])[];
  readonly datasets: readonly (readonly [id: number, name: string])[];
}

export interface IdentityRules {
  /** The strongest first: the stable type, then the order of the definitions. */
  readonly types: readonly IdentityTypeRules[];
  /** Dataset ids, the most trusted first. Those that are not listed come after them, as equals. */
  readonly trust: readonly number[];
  /** Missing: an earlier release gave the rules. */
  readonly names?: RuleNames;
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
  types: readonly (IdentityTypeRules & { readonly name: string })[],
  trust: readonly number[],
  datasets: readonly { readonly id: number; readonly name: string }[],
): IdentityRules {
  const rules = new Map<number, IdentityTypeRules>();
  for (const { id, joins, isStable, maxPerContact, sharedLimit } of types) {
    if (id > 0) rules.set(id, { id, joins, isStable, maxPerContact, sharedLimit });
  }
  const strongestFirst = [...rules.values()].sort(
    (a, b) => Number(b.isStable) - Number(a.isStable) || a.id - b.id,
  );
  const typeNames = new Map(types.map(({ id, name }) => [id, name] as const).reverse());
  typeNames.delete(0);
  const byId = (one: readonly [number, string], other: readonly [number, string]) =>
    one[0] - other[0];
  const names = {
    types: [...typeNames].sort(byId),
    datasets: datasets.map(({ id, name }) => [id, name] as const).sort(byId),
  };
  return { types: strongestFirst, trust, names };
}
