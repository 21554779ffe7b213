/** What can be done with a dataset: run it now, give it a file, pause its schedule. */
import { Button } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconUpload } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import type { DatasetStatus } from '../../../api/page-entries.ts';
import { announce } from '../../../parts/announcer.tsx';
import { ProblemLine } from '../../../parts/problem-line.tsx';
import { useMay } from '../../../session/session-context.tsx';
import { isGoingOn, readAgain } from '../use-datasets.ts';

export function DatasetActions({ status }: { readonly status: DatasetStatus }) {
  const mayWrite = useMay('datasets:write');
  const { dataset: name, source, last_run: last, waiting_run: waiting } = status;
  const isPulled = source !== null && source !== 'push';
  if (!mayWrite) return null;
  const isBusy = (last !== null && isGoingOn(last)) || waiting !== null;
  return (
    <>
      <ScheduleButton status={status} />
      {source === 'upload' && (
        <Button
          variant={isBusy ? 'default' : 'filled'}
          leftSection={<IconUpload size={16} stroke={1.6} aria-hidden />}
          renderRoot={(props) => <Link to="/new-dataset" search={{ dataset: name }} {...props} />}
        >
          Upload a file
        </Button>
      )}
      {isPulled && source !== 'upload' && <RunButton name={name} isBusy={isBusy} />}
    </>
  );
}

function RunButton({ name, isBusy }: { readonly name: string; readonly isBusy: boolean }) {
  const client = useQueryClient();
  const run = useMutation<unknown, ApiProblem>({
    mutationFn: () => call('POST /admin/v1/datasets/{name}/runs', { params: { name }, body: {} }),
    onSuccess: () => announce(`A run of ${name} has begun`),
    onSettled: () => readAgain(client, name),
  });
  return (
    <>
      {run.error !== null && <ProblemLine error={run.error} />}
      <Button
        variant="filled"
        leftSection={<IconPlayerPlay size={16} stroke={1.6} aria-hidden />}
        disabled={isBusy}
        loading={run.isPending}
        onClick={() => run.mutate()}
      >
        Run now
      </Button>
    </>
  );
}

/** Absent without a schedule. */
function ScheduleButton({ status }: { readonly status: DatasetStatus }) {
  const { dataset: name, paused_by: pausedBy, next_run_at: next } = status;
  const client = useQueryClient();
  const isPaused = pausedBy !== null;
  const change = useMutation<unknown, ApiProblem>({
    mutationFn: () => {
      const params = { name };
      return isPaused
        ? call('POST /admin/v1/datasets/{name}/resume', { params })
        : call('POST /admin/v1/datasets/{name}/pause', { params });
    },
    onSettled: () => readAgain(client, name),
  });
  if (!isPaused && next === null) return null;
  return (
    <Button
      leftSection={<IconPlayerPause size={16} stroke={1.6} aria-hidden />}
      loading={change.isPending}
      onClick={() => change.mutate()}
    >
      {isPaused ? 'Resume schedule' : 'Pause schedule'}
    </Button>
  );
}
