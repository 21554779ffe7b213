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
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
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
  const mayDecide = useMay('runs:approve') && !hasDataset;
  const last = runs.find(({ kind, state }) => kind !== 'rollback' && state === 'succeeded');
  const isFree = runs[0]?.state !== 'running';
  return (
    <div className={table.scroll}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Run</th>
            {hasDataset && <th scope="col">Dataset</th>}
            <th scope="col">State</th>
            <th scope="col" className={table.folds}>
              Started
            </th>
            {counts.map(({ label }) => (
              <th scope="col" key={label} className={`${table.number} ${table.folds}`}>
                {label}
              </th>
            ))}
            <th scope="col" className={table.number}>
              Rejected
            </th>
            <th scope="col" className={`${table.number} ${table.folds}`}>
              Took
            </th>
            {!hasDataset && (
              <th scope="col" className={table.actions}>
                <span className={table.third}>Actions</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {runs.map((run) => (
            <RunRow
              key={run.run_id}
              run={run}
              hasDataset={hasDataset}
              attempts={mayDecide && isFree && run === last ? attemptsBefore(runs, run) : undefined}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What a run wrote that broke off goes on in the next run, and is rolled back with it. */
function attemptsBefore(runs: readonly Run[], last: Run): readonly Run[] {
  const before = runs.slice(runs.indexOf(last) + 1);
  const end = before.findIndex(({ state }) => state !== 'interrupted' && state !== 'failed');
  return end < 0 ? before : before.slice(0, end);
}

const counts = [
  { label: 'Rows', of: ({ rows_read }: Run) => rows_read },
  { label: 'New', of: ({ added }: Run) => added },
  { label: 'Changed', of: ({ changed }: Run) => changed },
  { label: 'Cleared', of: ({ cleared }: Run) => cleared },
];

function RunRow({
  run,
  hasDataset,
  attempts,
}: {
  readonly run: Run;
  readonly hasDataset: boolean;
  /** Runs before it that broke off. `undefined`: it cannot be rolled back. */
  readonly attempts: readonly Run[] | undefined;
}) {
  const formats = useFormats();
  const nowMs = useNow();
  const { run_id: id, dataset, started_at, ended_at, rejected, error } = run;
  return (
    <tr>
      <td>
        <code>{id.slice(0, 4)}</code>
      </td>
      {hasDataset && (
        <td>
          <DatasetName name={dataset} />
        </td>
      )}
      <td>
        <RunState run={run} />
        <span className={`${table.second} ${table.unfolds}`}>
          {formats.when(started_at, nowMs)}
        </span>
        {error !== null && <span className={table.second}>{error.detail ?? error.code}</span>}
      </td>
      <td className={table.folds}>{formats.when(started_at, nowMs)}</td>
      {counts.map(({ label, of }) => (
        <td key={label} className={`${table.number} ${table.folds}`}>
          {formats.count(of(run))}
        </td>
      ))}
      <td className={table.number}>
        {rejected === 0 || dataset === '' ? (
          formats.count(rejected)
        ) : (
          <Link
            to="/datasets/$name"
            params={{ name: dataset }}
            search={{ tab: 'rejected', run: id }}
          >
            {formats.count(rejected)}
          </Link>
        )}
      </td>
      <td className={`${table.number} ${table.folds}`}>
        {ended_at === null ? '' : formats.took(Date.parse(ended_at) - Date.parse(started_at))}
      </td>
      {!hasDataset && (
        <td className={table.actions}>{attempts && <RollBack run={run} attempts={attempts} />}</td>
      )}
    </tr>
  );
}

function DatasetName({ name }: { readonly name: string }) {
  if (name === '') return <span className={table.third}>gone</span>;
  return (
    <Link className={table.name} to="/datasets/$name" params={{ name }}>
      {name}
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
