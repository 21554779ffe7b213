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

/** Always of the same length, so that it says nothing of the value. */
export const dots = '••••••';
