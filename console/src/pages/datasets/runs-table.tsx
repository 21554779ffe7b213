/** The runs of a dataset, the newest first. The last one that was applied can be rolled back. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import type { Run } from '../../api/page-entries.ts';
import { useFormats, useNow } from '../../format/use-formats.ts';
import { announce } from '../../parts/announcer.tsx';
import { BreakingText } from '../../parts/breaking-text.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { type FoldColumn, FoldTable } from '../../parts/fold-table.tsx';
import table from '../../parts/plain-table.module.css';
import { useMay } from '../../session/session-context.tsx';
import { RunState } from './run-state.tsx';
import { readAgain, useDatasets } from './use-datasets.ts';

interface RunsTableParts {
  readonly runs: readonly Run[];
  /** Whether the runs are of several datasets. They are rolled back on the page of each. */
  readonly hasDataset: boolean;
}

export function RunsTable({ runs, hasDataset }: RunsTableParts) {
  const formats = useFormats();
  const nowMs = useNow();
  const mayDecide = useMay('runs:approve') && !hasDataset;
  const last = runs.find(({ kind, state }) => kind !== 'rollback' && state === 'succeeded');
  const isFree = runs[0]?.state !== 'running';
  const canRollBack = (run: Run) => mayDecide && isFree && run.run_id === last?.run_id;
  const count = (id: string, head: string, of: (run: Run) => number): FoldColumn<Run> => {
    return {
      id,
      head,
      isNumber: true,
      folds: id !== 'changed',
      cell: (run) => formats.count(of(run)),
    };
  };
  const columns: readonly FoldColumn<Run>[] = [
    { id: 'run', head: 'Run', cell: ({ run_id: id }) => <code>{id.slice(0, 4)}</code> },
    ...(hasDataset
      ? [{ id: 'dataset', head: 'Dataset', cell: (run: Run) => <DatasetName name={run.dataset} /> }]
      : []),
    { id: 'state', head: 'State', cell: (run) => <State run={run} /> },
    {
      ...{ id: 'started', head: 'Started', folds: true },
      cell: ({ started_at: at }) => <span className={table.whole}>{formats.when(at, nowMs)}</span>,
    },
    count('rows', 'Rows', ({ rows_read }) => rows_read),
    count('new', 'New', ({ added }) => added),
    count('changed', 'Changed', ({ changed }) => changed),
    count('cleared', 'Cleared', ({ cleared }) => cleared),
    {
      ...{ id: 'rejected', head: 'Rejected', isNumber: true, folds: true },
      cell: (run) => <RejectedCount run={run} />,
    },
    {
      ...{ id: 'took', head: 'Took', isNumber: true, folds: true },
      cell: ({ started_at: from, ended_at: to }) =>
        to === null ? '' : formats.took(Date.parse(to) - Date.parse(from)),
    },
    ...(mayDecide
      ? [
          {
            ...{ id: 'actions', head: 'Actions', isAction: true, folds: true },
            cell: (run: Run) =>
              canRollBack(run) && <RollBack run={run} attempts={attemptsBefore(runs, run)} />,
          },
        ]
      : []),
  ];
  return <FoldTable columns={columns} entries={runs} keyOf={({ run_id: id }) => id} />;
}

/** What a run wrote that broke off goes on in the next run, and is rolled back with it. */
function attemptsBefore(runs: readonly Run[], last: Run): readonly Run[] {
  const before = runs.slice(runs.indexOf(last) + 1);
  const end = before.findIndex(({ state }) => state !== 'interrupted' && state !== 'failed');
  return end < 0 ? before : before.slice(0, end);
}

function State({ run }: { readonly run: Run }) {
  const { error } = run;
  return (
    <>
      <RunState run={run} />
      {error !== null && (
        <span className={table.second}>
          <BreakingText text={error.detail ?? error.code} />
        </span>
      )}
    </>
  );
}

function RejectedCount({ run: { run_id: id, dataset, rejected } }: { readonly run: Run }) {
  const formats = useFormats();
  if (rejected === 0 || dataset === '') return formats.count(rejected);
  return (
    <Link to="/datasets/$name" params={{ name: dataset }} search={{ tab: 'rejected', run: id }}>
      {formats.count(rejected)}
    </Link>
  );
}

function DatasetName({ name }: { readonly name: string }) {
  if (name === '') return <span className={table.third}>gone</span>;
  return (
    <Link className={table.name} to="/datasets/$name" params={{ name }}>
      <BreakingText text={name} />
    </Link>
  );
}

function nameOf({ run_id }: Run): string {
  return `run ${run_id.slice(0, 4)}`;
}

function RollBack({ run, attempts }: { readonly run: Run; readonly attempts: readonly Run[] }) {
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const formats = useFormats();
  const { run_id: id, dataset, added, changed, cleared } = run;
  const status = useDatasets().data?.find((one) => one.dataset === dataset);
  const roll = useMutation<unknown, ApiProblem>({
    mutationFn: () => call('POST /admin/v1/runs/{id}/rollback', { params: { id } }),
    onSuccess: () => {
      announce('Rolled back');
      setAsking(false);
    },
    onSettled: () => readAgain(client, dataset),
  });
  return (
    <>
      <Button variant="subtle" data-size="compact" onClick={() => setAsking(true)}>
        Roll back…
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={`Roll back run ${id.slice(0, 4)}`}
          effects={[
            `${formats.count(changed + cleared)} contacts get their old values back.`,
            ...(added > 0 ? [`${formats.count(added)} contacts that the run added leave.`] : []),
            ...(attempts.length > 0
              ? [
                  `Anything that ${attempts.map(nameOf).join(', ')} wrote before breaking off goes, too.`,
                ]
              : []),
            ...(status?.next_run_at == null ? [] : ['The schedule of the dataset is paused.']),
            'Only the next run brings the new values again.',
          ]}
          word={dataset}
          verb="Roll back"
          keepVerb="Keep"
          isPending={roll.isPending}
          error={roll.error}
          onConfirm={() => roll.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
