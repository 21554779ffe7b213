/** The frame before the session is known. */
import { Skeleton } from '../parts/skeleton.tsx';
import styles from './shell.module.css';

export function ShellSkeleton() {
  return (
    <div className={styles.shell}>
      <div className={styles.bar} />
      <div className={styles.sidebar} />
      <main className={styles.main} aria-busy="true" aria-label="Loading">
        <Skeleton width={180} height={24} />
      </main>
    </div>
  );
}
