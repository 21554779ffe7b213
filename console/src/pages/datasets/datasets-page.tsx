/** Which datasets are there, how fresh is each, and does one wait for me? */
import { Button } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import type { DatasetStatus } from '../../api/page-entries.ts';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { FreshnessBadge } from '../../parts/freshness-badge.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import table from '../../parts/plain-table.module.css';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { TabLinks } from '../../parts/tab-links.tsx';
import { useMay } from '../../session/session-context.tsx';
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
  const mayDefine = useMay('datasets:write');
  const waiting = data?.filter(({ waiting_run }) => waiting_run !== null).length ?? 0;
  return (
    <>
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
          {data.length === 0 ? <NoDatasets mayDefine={mayDefine} /> : <Datasets datasets={data} />}
        </Card>
      )}
    </>
  );
}

function NewDataset() {
  return (
    <Button variant="filled" component={Link} to="/new-dataset">
      New dataset
    </Button>
  );
}

function NoDatasets({ mayDefine }: { readonly mayDefine: boolean }) {
  return (
    <EmptyState title="No dataset yet">
      <span>
        A dataset brings rows to contacts: from a file, a database, an address, or a push.
      </span>
      {mayDefine && <NewDataset />}
      <code>npx usher import people.csv</code>
    </EmptyState>
  );
}

function Datasets({ datasets }: { readonly datasets: readonly DatasetStatus[] }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Dataset</th>
          <th scope="col">Age</th>
          <th scope="col" className={`${table.number} ${table.folds}`}>
            Contacts
          </th>
          <th scope="col">Last run</th>
          <th scope="col" className={table.folds}>
            Started
          </th>
          <th scope="col" className={table.folds}>
            Next
          </th>
        </tr>
      </thead>
      <tbody>
        {datasets.map((dataset) => (
          <DatasetRow dataset={dataset} key={dataset.dataset} />
        ))}
      </tbody>
    </table>
  );
}

function DatasetRow({ dataset }: { readonly dataset: DatasetStatus }) {
  const formats = useFormats();
  const nowMs = useNow();
  const { dataset: name, kind, source, contacts, last_run: run } = dataset;
  return (
    <tr>
      <td>
        <Link className={table.name} to="/datasets/$name" params={{ name }}>
          {name}
        </Link>
        <span className={table.second}>{`${kind}, ${sourceWord(source)}`}</span>
      </td>
      <td>
        <DatasetAge dataset={dataset} />
      </td>
      <td className={`${table.number} ${table.folds}`}>{formats.count(contacts)}</td>
      <td>{run === null ? <span className={table.third}>none</span> : <RunState run={run} />}</td>
      <td className={table.folds}>{run === null ? '' : formats.when(run.started_at, nowMs)}</td>
      <td className={table.folds}>
        <Next dataset={dataset} />
      </td>
    </tr>
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
  if (dataset.next_run_at === null) return <span className={table.third}>by hand</span>;
  return formats.when(dataset.next_run_at, nowMs);
}

export function sourceWord(source: string | null): string {
  if (source === null) return 'imported by hand';
  return source === 'upload' ? 'uploaded files' : source;
}
