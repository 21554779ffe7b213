/** How old each dataset is, beside the age that it allows, and when it is read next. */
import { Link } from '@tanstack/react-router';
import { ageWords } from '../../format/ages.ts';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FreshnessBadge } from '../../parts/freshness-badge.tsx';
import { FirstDataset } from '../../parts/next-step.tsx';
import type { Overview } from '../../parts/use-overview.ts';
import { useMay } from '../../session/session-context.tsx';
import { DatasetLink } from './dataset-link.tsx';
import styles from './overview.module.css';

type Dataset = Overview['datasets'][number];

function AllLink() {
  return useMay('datasets:read') && <Link to="/datasets">All datasets</Link>;
}

export function FreshnessCard({ overview: { datasets } }: { readonly overview: Overview }) {
  return (
    <Card title="Freshness by dataset" actions={<AllLink />}>
      {datasets.length === 0 ? (
        <EmptyState title="No dataset yet">
          <span>A dataset brings rows to contacts, such as those of a file.</span>
          <FirstDataset />
        </EmptyState>
      ) : (
        <table className={styles.freshness}>
          <thead>
            <tr>
              <th scope="col">Dataset</th>
              <th scope="col" className={`${styles.number} ${styles.folds}`}>
                Contacts
              </th>
              <th scope="col">Age</th>
              <th scope="col" className={styles.folds}>
                Of the age allowed
              </th>
              <th scope="col" className={`${styles.number} ${styles.folds}`}>
                Next sync
              </th>
            </tr>
          </thead>
          <tbody>
            {datasets.map((dataset) => (
              <DatasetRow dataset={dataset} key={dataset.name} />
            ))}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function DatasetRow({ dataset }: { readonly dataset: Dataset }) {
  const formats = useFormats();
  const { name, kind, source, contacts, as_of, max_age_seconds, status } = dataset;
  const facts = [kind, source].filter((fact) => fact !== null).join(', ');
  return (
    <tr>
      <td>
        <DatasetLink name={name} />
        <span className={styles.second}>{sentence(facts)}</span>
      </td>
      <td className={`${styles.number} ${styles.folds}`}>{formats.count(contacts)}</td>
      <td>
        <FreshnessBadge
          asOf={as_of}
          maxAgeMs={max_age_seconds === null ? null : max_age_seconds * 1_000}
          isWithheld={status === 'withheld'}
          isShort
        />
      </td>
      <td className={styles.folds}>
        <AllowedAge dataset={dataset} />
      </td>
      <td className={`${styles.number} ${styles.folds}`}>
        <NextSync dataset={dataset} />
      </td>
    </tr>
  );
}

function AllowedAge({
  dataset: { as_of, max_age_seconds, status },
}: {
  readonly dataset: Dataset;
}) {
  const nowMs = useNow();
  if (max_age_seconds === null) return <span className={styles.allowed}>any age</span>;
  const ageMs = as_of === null ? 0 : nowMs - Date.parse(as_of);
  const share = Math.min(1, Math.max(0, ageMs / (max_age_seconds * 1_000)));
  const tone = status === 'withheld' ? 'bad' : status === 'stale' ? 'decide' : 'good';
  return (
    <span className={styles.allowed}>
      <span className={styles.bar} data-tone={tone} aria-hidden>
        <span style={{ width: `${share * 100}%` }} />
      </span>
      {ageWords(max_age_seconds * 1_000)}
    </span>
  );
}

function NextSync({ dataset }: { readonly dataset: Dataset }) {
  const formats = useFormats();
  const nowMs = useNow();
  const { is_waiting, retry_at, next_sync_at, paused_by } = dataset;
  if (is_waiting) return <Badge tone="decide">Waits</Badge>;
  if (paused_by !== null) return <Badge tone="quiet">Paused</Badge>;
  if (retry_at !== null) return `Retry ${formats.when(retry_at, nowMs).replace(/^Today /, '')}`;
  return next_sync_at === null ? '–' : formats.when(next_sync_at, nowMs).replace(/^Today /, '');
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
