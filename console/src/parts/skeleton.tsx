/** Grey bars in the shape of the rows that load. Shown after 150 ms, so that nothing flickers. */
import styles from './skeleton.module.css';

export function Skeleton({
  width,
  height = 10,
}: {
  readonly width: number | string;
  readonly height?: number;
}) {
  return <span className={styles.skeleton} style={{ width, height }} aria-hidden />;
}

/** Rows of a table or a list that is being read. */
export function SkeletonRows({ count }: { readonly count: number }) {
  return (
    <div role="status" aria-label="Loading">
      {Array.from({ length: count }, (_none, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the rows are all alike and never move
        <div className={styles.row} key={place}>
          <Skeleton width={`${nameWidths[place % nameWidths.length]}%`} />
          <Skeleton width={56} />
          <Skeleton width={40} />
        </div>
      ))}
    </div>
  );
}

const nameWidths = [28, 31, 22, 35, 26];
