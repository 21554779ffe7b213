/** Which datasets are there, how fresh is each, and does one wait for me? */
import { Button } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { DatasetStatus } from '../../api/page-entries.ts';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { Badge } from '../../parts/badge.tsx';
import { BreakingText } from '../../parts/breaking-text.tsx';
import { Card } from '../../parts/card.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { type FoldColumn, FoldTable } from '../../parts/fold-table.tsx';
import { FreshnessBadge } from '../../parts/freshness-badge.tsx';
import { FirstDataset } from '../../parts/next-step.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import table from '../../parts/plain-table.module.css';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { TabLinks } from '../../parts/tab-links.tsx';
import { useMay } from '../../session/session-context.tsx';
import styles from './datasets.module.css';
import { RunState } from './run-state.tsx';
import { RunsCard } from './runs-card.tsx';
import { useDatasets } from './use-datasets.ts';

export function DatasetsPage() {
  const { tab } = useSearch({ from: '/inside/datasets' });
  const { data } = useDatasets();
  const mayDefine = useMay('datasets:write');
  return (
    <>
      <PageHead
        title="Datasets"
        facts="Each fills its own fields of contacts, from one source."
        actions={mayDefine && data?.length !== 0 && <NewDataset />}
      />
      <TabLinks
        label="Datasets and their runs"
        tabs={[
          { tab: undefined, label: 'Datasets' },
          { tab: 'runs', label: 'All runs' },
        ]}
      />
      {tab === 'runs' ? <AllRuns /> : <AllDatasets />}
    </>
  );
}

function AllRuns() {
  const { state } = useSearch({ from: '/inside/datasets' });
  const navigate = useNavigate({ from: '/datasets' });
  const onState = (next: string | undefined) =>
    void navigate({
      search: { tab: 'runs', ...(next !== undefined && { state: next }) },
      replace: true,
    });
  return <RunsCard title="All runs" dataset={undefined} state={state} onState={onState} />;
}

function AllDatasets() {
  const { data, error, refetch } = useDatasets();
  const waiting = data?.filter(({ waiting_run }) => waiting_run !== null).length ?? 0;
  return (
    <div className={styles.cards}>
      {error !== null && <ProblemCard error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && (
        <Card title="Datasets">
          <SkeletonRows count={5} />
        </Card>
      )}
      {data !== undefined && (
        <Card
          title="All datasets"
          note={waiting === 0 ? undefined : <Badge tone="decide">{`${waiting} waiting`}</Badge>}
          foot={
            data.length === 0 ? undefined : `${data.length} of 200 that an organization may have`
          }
        >
          {data.length === 0 ? <NoDatasets /> : <Datasets datasets={data} />}
        </Card>
      )}
    </div>
  );
}

function NewDataset() {
  return (
    <Button variant="filled" component={Link} to="/new-dataset">
      New dataset
    </Button>
  );
}

function NoDatasets() {
  return (
    <EmptyState title="No dataset yet">
      <span>
        A dataset brings rows to contacts: from a file, a database, an address, or a push.
      </span>
      <FirstDataset />
    </EmptyState>
  );
}

function Datasets({ datasets }: { readonly datasets: readonly DatasetStatus[] }) {
  const formats = useFormats();
  const nowMs = useNow();
  const columns: readonly FoldColumn<DatasetStatus>[] = [
    { id: 'dataset', head: 'Dataset', cell: (dataset) => <DatasetName dataset={dataset} /> },
    { id: 'age', head: 'Age', cell: (dataset) => <DatasetAge dataset={dataset} /> },
    {
      ...{ id: 'contacts', head: 'Contacts', isNumber: true, folds: true },
      cell: ({ contacts }) => formats.count(contacts),
    },
    {
      ...{ id: 'run', head: 'Last run' },
      cell: ({ last_run: run }) =>
        run === null ? <span className={table.third}>none</span> : <RunState run={run} />,
    },
    {
      ...{ id: 'started', head: 'Started', folds: true },
      cell: ({ last_run: run, pushed }) => {
        const at = run?.started_at ?? pushed?.last_at;
        return at !== undefined && formats.when(at, nowMs);
      },
    },
    { id: 'next', head: 'Next', folds: true, cell: (dataset) => <Next dataset={dataset} /> },
  ];
  return <FoldTable columns={columns} entries={datasets} keyOf={({ dataset }) => dataset} />;
}

function DatasetName({ dataset }: { readonly dataset: DatasetStatus }) {
  const { dataset: name, kind, source } = dataset;
  return (
    <>
      <Link className={table.name} to="/datasets/$name" params={{ name }}>
        <BreakingText text={name} />
      </Link>
      <span className={table.second}>
        <BreakingText text={`${kind}, ${sourceWord(source)}`} />
      </span>
    </>
  );
}

export function DatasetAge({ dataset }: { readonly dataset: DatasetStatus }) {
  const { as_of, age, max_age_seconds: seconds } = dataset;
  if (age === 'pushed') return <span className={table.third}>by row</span>;
  const maxAgeMs = seconds === null ? null : seconds * 1_000;
  return <FreshnessBadge asOf={as_of} maxAgeMs={maxAgeMs} isWithheld={age === 'withheld'} />;
}

function Next({ dataset }: { readonly dataset: DatasetStatus }) {
  const formats = useFormats();
  const nowMs = useNow();
  if (dataset.paused_by !== null) return <Badge tone="quiet">Paused</Badge>;
  if (dataset.next_run_at === null) {
    const words = dataset.source === 'push' ? 'pushed' : 'by hand';
    return <span className={table.third}>{words}</span>;
  }
  return formats.when(dataset.next_run_at, nowMs);
}

export function sourceWord(source: string | null): string {
  if (source === null) return 'imported by hand';
  return source === 'upload' ? 'uploaded files' : source;
}
