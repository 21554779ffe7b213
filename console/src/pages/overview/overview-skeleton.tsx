/** The shape of the overview before it is read. */
import { Card } from '../../parts/card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import styles from './overview.module.css';

export function OverviewSkeleton() {
  return (
    <div className={styles.cards}>
      <Card title="Waiting for you">
        <SkeletonRows count={2} />
      </Card>
      <div className={styles.wide}>
        <Card title="Requests per second">
          <div style={{ height: 244 }} />
        </Card>
        <Card title="Share of the limit">
          <SkeletonRows count={4} />
        </Card>
      </div>
      <div className={styles.wide}>
        <Card title="Freshness by dataset">
          <SkeletonRows count={5} />
        </Card>
        <Card title="Last runs">
          <SkeletonRows count={5} />
        </Card>
      </div>
    </div>
  );
}
