/** Did the last run go well; if it stopped, may it go on? */
import { Link, useParams, useSearch } from '@tanstack/react-router';
import type { DatasetStatus } from '../../../api/page-entries.ts';
import { useFormats, useNow } from '../../../format/use-formats.ts';
import { Badge } from '../../../parts/badge.tsx';
import { Card } from '../../../parts/card.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { PageHead } from '../../../parts/page-head.tsx';
import { Permitted } from '../../../parts/permitted.tsx';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { TabLinks } from '../../../parts/tab-links.tsx';
import { useAuthorWords } from '../../../parts/use-author-words.ts';
import { useMay } from '../../../session/session-context.tsx';
import { DatasetAge, sourceWord } from '../datasets-page.tsx';
import { brokeOff } from '../run-words.ts';
import { useDatasets } from '../use-datasets.ts';
import { DatasetActions } from './dataset-actions.tsx';
import { DefinitionCard } from './definition-card.tsx';
import { HistoryCard } from './history-card.tsx';
import { RejectedCard } from './rejected-card.tsx';
import { RunsTab } from './runs-tab.tsx';
import { SampleCard } from './sample-card.tsx';
import { useDefinition } from './use-definition.ts';

export function DatasetPage() {
  const { name } = useParams({ from: '/inside/datasets/$name' });
  const { data, error, refetch } = useDatasets();
  const status = data?.find(({ dataset }) => dataset === name);
  if (status !== undefined) return <Dataset status={status} />;
  return (
    <>
      <PageHead title={name} crumbs={crumbs(name)} />
      {error !== null && <ProblemCard error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && (
        <Card title="Runs">
          <SkeletonRows count={5} />
        </Card>
      )}
      {data !== undefined && (
        <Card title="Not here">
          <EmptyState title={`There is no dataset ${name}`}>
            <Link to="/datasets">All datasets</Link>
          </EmptyState>
        </Card>
      )}
    </>
  );
}

function Dataset({ status }: { readonly status: DatasetStatus }) {
  const { tab } = useSearch({ from: '/inside/datasets/$name' });
  const { dataset: name, last_run: last } = status;
  const definition = useDefinition(name);
  const rejected = last?.rejected ?? 0;
  const formats = useFormats();
  const mayList = useMay('contacts:list');
  return (
    <>
      <PageHead
        title={name}
        crumbs={crumbs(name)}
        beside={<Badge tone="quiet">{modeWord(definition.data?.definition?.mode)}</Badge>}
        facts={<Facts status={status} />}
        actions={<DatasetActions status={status} />}
      />
      <TabLinks
        label={`Parts of ${name}`}
        tabs={[
          { tab: undefined, label: 'Runs' },
          { tab: 'definition', label: 'Definition' },
          ...(mayList ? [{ tab: 'sample', label: 'Sample' }] : []),
          {
            ...{ tab: 'rejected', label: 'Rejected rows' },
            count: rejected === 0 ? undefined : formats.count(rejected),
          },
          { tab: 'history', label: 'History', count: definition.data?.version.toString() },
        ]}
      />
      <Tab tab={tab} status={status} />
    </>
  );
}

function Tab({
  tab,
  status,
}: {
  readonly tab: string | undefined;
  readonly status: DatasetStatus;
}) {
  const { dataset: name } = status;
  if (tab === 'definition') return <DefinitionCard name={name} />;
  if (tab === 'sample') {
    return (
      <Permitted permission="contacts:list" what="tab">
        <SampleCard name={name} />
      </Permitted>
    );
  }
  if (tab === 'rejected') return <RejectedCard status={status} />;
  if (tab === 'history') return <HistoryCard name={name} />;
  return <RunsTab status={status} />;
}

function Facts({ status }: { readonly status: DatasetStatus }) {
  const formats = useFormats();
  const nowMs = useNow();
  const authorWords = useAuthorWords();
  const { contacts, source, next_run_at: next, paused_by: pausedBy, last_run: last } = status;
  return (
    <>
      <DatasetAge dataset={status} />
      {last !== null && brokeOff(last) && (
        <Badge tone="bad">
          {last.state === 'failed' ? 'Last run failed' : 'Last run interrupted'}
        </Badge>
      )}
      <span>{`${formats.count(contacts)} ${contacts === 1 ? 'contact' : 'contacts'}`}</span>
      <span>{sourceWord(source)}</span>
      {next !== null && <span>{`next run ${formats.whenInText(next, nowMs)}`}</span>}
      {pausedBy !== null && <span>{`schedule paused by ${authorWords(pausedBy)}`}</span>}
    </>
  );
}

function modeWord(mode: string | undefined): string {
  return mode === undefined ? '…' : mode.charAt(0).toUpperCase() + mode.slice(1);
}

function crumbs(name: string) {
  return [
    <Link to="/datasets" key="datasets">
      Datasets
    </Link>,
    <span key="name">{name}</span>,
  ];
}
