/** Which token takes how much of the limit. */
import { useFormats } from '../../format/use-formats.ts';
import { Card } from '../../parts/card.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import type { Overview } from '../../parts/use-overview.ts';
import styles from './overview.module.css';

export function ShareCard({ overview: { limit } }: { readonly overview: Overview }) {
  const formats = useFormats();
  const { tokens, free_per_second, units_per_second } = limit;
  return (
    <Card title="Share of the limit" actions={<span className={styles.second}>by token, now</span>}>
      {tokens.slice(0, maxTokens).map((token) => (
        <div className={styles.share} key={token.id}>
          <p className={styles.shareHead}>
            <span>
              {token.name ?? 'a token'} <code>…{token.last_characters}</code>
            </span>
            <span className={styles.rate}>{formats.decimal(token.units_per_second, 1)}/s</span>
            <strong>{formats.percent(Math.min(1, token.share), 0)}</strong>
          </p>
          <div className={styles.bar} aria-hidden>
            <span style={{ width: `${Math.min(1, token.share) * 100}%` }} />
          </div>
        </div>
      ))}
      {tokens.length === 0 && (
        <EmptyState title="Nobody calls now">
          Look-ups of the last seconds show here, by token.
        </EmptyState>
      )}
      {tokens.length > 0 && (
        <p className={`${styles.shareHead} ${styles.free}`}>
          <span style={{ fontWeight: 400 }}>Free</span>
          <span className={styles.rate}>{formats.decimal(free_per_second, 1)}/s</span>
          <strong>{formats.percent(free_per_second / units_per_second, 0)}</strong>
        </p>
      )}
    </Card>
  );
}

const maxTokens = 5;
