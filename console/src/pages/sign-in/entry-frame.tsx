/** The frame of the pages for people who are not signed in. */
import type { ReactNode } from 'react';
import markUrl from '../../theme/usher.svg';
import styles from './entry-frame.module.css';

export function EntryFrame({ children }: { readonly children: ReactNode }) {
  return (
    <div className={styles.frame}>
      <header className={styles.brand}>
        <img src={markUrl} alt="" width={30} height={30} />
        <span>Usher</span>
      </header>
      <main className={styles.main}>
        <div className={styles.column}>{children}</div>
      </main>
    </div>
  );
}
