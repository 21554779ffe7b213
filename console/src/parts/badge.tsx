/** A word on a soft ground. The colour repeats what the word says. */
import type { ReactNode } from 'react';
import styles from './badge.module.css';

export type Tone =
  | 'quiet'
  | 'outline'
  | 'accent'
  | 'good'
  | 'decide'
  | 'bad'
  | 'first'
  | 'second'
  | 'third';

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ReactNode }) {
  return (
    <span className={styles.badge} data-tone={tone}>
      {children}
    </span>
  );
}

/** The dot before a word, such as an age. */
export function Dot({ tone }: { readonly tone: 'good' | 'decide' | 'bad' | 'quiet' | 'accent' }) {
  return <span className={styles.dot} data-tone={tone} aria-hidden />;
}
