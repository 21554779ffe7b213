/** How old each dataset is, beside the age that it allows, and when it is read next. */
import { Link } from '@tanstack/react-router';
import { ageWords } from '../../format/ages.ts';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { type FoldColumn, FoldTable } from '../../parts/fold-table.tsx';
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
        <Datasets datasets={datasets} />
      )}
    </Card>
  );
}

function Datasets({ datasets }: { readonly datasets: readonly Dataset[] }) {
  const formats = useFormats();
  const columns: readonly FoldColumn<Dataset>[] = [
    { id: 'dataset', head: 'Dataset', cell: (dataset) => <Name dataset={dataset} /> },
    {
      ...{ id: 'contacts', head: 'Contacts', isNumber: true, folds: true },
      cell: ({ contacts }) => formats.count(contacts),
    },
    { id: 'age', head: 'Age', cell: (dataset) => <Age dataset={dataset} /> },
    {
      ...{ id: 'allowed', head: 'Of the age allowed', folds: true },
      cell: (dataset) => <AllowedAge dataset={dataset} />,
    },
    {
      ...{ id: 'next', head: 'Next sync', isNumber: true, folds: true },
      cell: (dataset) => <NextSync dataset={dataset} />,
    },
  ];
  return <FoldTable columns={columns} entries={datasets} keyOf={({ name }) => name} />;
}

function Name({ dataset: { name, kind, source } }: { readonly dataset: Dataset }) {
  const facts = [kind, source].filter((fact) => fact !== null).join(', ');
  return (
    <>
      <DatasetLink name={name} />
      <span className={styles.second}>{sentence(facts)}</span>
    </>
  );
}

function Age({ dataset: { as_of, max_age_seconds, status } }: { readonly dataset: Dataset }) {
  return (
    <FreshnessBadge
      asOf={as_of}
      maxAgeMs={max_age_seconds === null ? null : max_age_seconds * 1_000}
      isWithheld={status === 'withheld'}
      isShort
    />
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
