/** A small line without axes. The figure beside it says what it is of. */
import styles from './sparkline.module.css';

const width = 58;
const height = 16;

export function Sparkline({ values }: { readonly values: readonly (number | null)[] }) {
  if (values.length < 2) return null;
  const top = Math.max(...values.map(Number), Number.MIN_VALUE);
  const points = values.map(Number).map((value, place) => {
    const x = (place / (values.length - 1)) * width;
    const y = height - 1 - (value / top) * (height - 3);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg className={styles.sparkline} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <polygon points={`0,${height} ${points.join(' ')} ${width},${height}`} />
      <polyline points={points.join(' ')} />
    </svg>
  );
}
