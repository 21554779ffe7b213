/** An identity as `type:value`. A value that the user may not see is six dots. */
import type { identityView } from '@usher/contract/join-schema';
import type { Static } from 'typebox';
import styles from './identity-chip.module.css';

export type IdentityView = Static<typeof identityView>;

export function IdentityChip({ identity }: { readonly identity: IdentityView }) {
  return <code className={styles.chip}>{identityWords(identity)}</code>;
}

export function identityWords({ type, value, digest }: IdentityView): string {
  const shown = value ?? (digest === null ? dots : `#${digest}`);
  return `${type ?? 'a type that is gone'}:${shown}`;
}

interface NamedContact {
  readonly id: string | null;
  readonly name?: string | null;
  readonly identity: IdentityView | null | undefined;
}

/**
 * What a line calls a contact. If its name and identity are masked, the end of its id tells it from
 * others: the end is random, and says nothing of the person.
 */
export function contactWords({ id, name, identity }: NamedContact): string {
  if (name != null) return name;
  const isKnown = identity != null && (identity.value !== null || identity.digest !== null);
  if (isKnown) return identityWords(identity);
  return id === null ? 'a contact' : `contact …${id.slice(-6)}`;
}

/** Always of the same length, so that it says nothing of the value. */
export const dots = '••••••';
