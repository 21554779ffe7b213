/**
 * The state that the identity rules look at: what rows claim, what people joined and parted, and
 * what is remembered. The types follow the words of the rules.
 */

/** Written `type:value`, such as `email:tom@hello.com`. */
export type Identity = string;

export interface IdentityTypeRules {
  readonly name: string;
  /** Whether rows that share a value are joined. */
  readonly joins: boolean;
  /** Whether two values are always two contacts. One type at most is stable. */
  readonly isStable: boolean;
  readonly maxPerContact: number;
}

export interface DatasetRules {
  readonly name: string;
  readonly kind: 'contact' | 'identity';
  readonly mode: 'snapshot' | 'append' | 'push';
  /** The identity types of its rows. The first usable one is the row's key. */
  readonly identifiers: readonly string[];
}

export interface IdentitySettings {
  /** The strongest first. The stable type is the first of all. */
  readonly types: readonly IdentityTypeRules[];
  readonly datasets: readonly DatasetRules[];
  /** The most trusted dataset first. Those that are not listed come after them, as equals. */
  readonly trust: readonly string[];
  /** How many identities of all types one contact may have. */
  readonly maxIdentities: number;
  /** How many rows of one dataset may claim a value. */
  readonly sharedLimit: number;
  readonly blocked: readonly string[];
}

export interface Claim {
  readonly identity: Identity;
  /** The version since which the row says so. */
  readonly since: number;
  /** Whether a run of a snapshot dataset said it. */
  readonly isOfSnapshot: boolean;
}

export interface Row {
  readonly dataset: string;
  readonly key: Identity;
  /** By identity type; of an identity dataset by identity. */
  readonly claims: ReadonlyMap<string, Claim>;
  readonly section: string;
  /** The version that last changed the section. */
  readonly version: number;
}

/** Two keys that a person joined. */
export interface Merge {
  readonly entry: number;
  readonly keys: readonly [Identity, Identity];
  /** Pairs of keys, one of each side: rows of one dataset with these keys may be one contact. */
  readonly pairs: ReadonlySet<string>;
  /** The bars that the merge lifted, with the version that set each. */
  readonly lifted: ReadonlyMap<string, number>;
  /** The join memory that ended with the merge, because a limit left no room for both. */
  readonly forgotten: ReadonlyMap<string, number>;
}

export interface IdentityState {
  readonly settings: IdentitySettings;
  readonly rows: ReadonlyMap<string, Row>;
  /** The oldest first. */
  readonly merges: readonly Merge[];
  /** Pairs of identities that a person parted, with the version that said so. */
  readonly bars: ReadonlyMap<string, number>;
  /** Pairs of keys that evidence joined, with the version that joined them. */
  readonly joinMemory: ReadonlyMap<string, number>;
  /** The version at which a row let the identity go. */
  readonly breaks: ReadonlyMap<Identity, number>;
}

export function typeOf(identity: Identity): string {
  return identity.slice(0, identity.indexOf(':'));
}

export function textOf(identity: Identity): string {
  return identity.slice(identity.indexOf(':') + 1);
}

/** The same text for both orders of the two. */
export function pairOf(one: Identity, other: Identity): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}

export function endsOf(pair: string): readonly [Identity, Identity] {
  const gap = pair.indexOf(' ');
  return [pair.slice(0, gap), pair.slice(gap + 1)];
}

/** The name of a row in `IdentityState.rows`. */
export function rowName(dataset: string, key: Identity): string {
  return `${dataset} ${key}`;
}

export function claimedBy(row: Row | undefined): Identity[] {
  return row === undefined ? [] : [...row.claims.values()].map(({ identity }) => identity);
}

/** The row, after it let these identities go. */
export function withoutClaims(row: Row, identities: ReadonlySet<Identity>): Row {
  const left = [...row.claims].filter(([, { identity }]) => !identities.has(identity));
  return { ...row, claims: new Map(left) };
}

export function typeRules({ types }: IdentitySettings, identity: Identity): IdentityTypeRules {
  const name = typeOf(identity);
  const found = types.find((it) => it.name === name);
  if (found === undefined) throw new Error(`No identity type is named ${name}.`);
  return found;
}

export function datasetRules({ datasets }: IdentitySettings, name: string): DatasetRules {
  const found = datasets.find((it) => it.name === name);
  if (found === undefined) throw new Error(`No dataset is named ${name}.`);
  return found;
}

/** Sorts the strongest identity first. Values of one type are in the order of their texts. */
export function compareStrength(
  settings: IdentitySettings,
  one: Identity,
  other: Identity,
): number {
  const { types } = settings;
  const rank = (identity: Identity) => types.indexOf(typeRules(settings, identity));
  return rank(one) - rank(other) || compareTexts(one, other);
}

export function compareTexts(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** Names everything that a row says, so that two rows can be compared. */
export function describeRow(row: Row | undefined): string {
  if (row === undefined) return 'none';
  const claims = [...row.claims].sort(([one], [other]) => compareTexts(one, other));
  return JSON.stringify([row.dataset, row.key, claims, row.section, row.version]);
}
