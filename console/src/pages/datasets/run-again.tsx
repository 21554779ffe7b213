/** Goes on with a run that was interrupted, or tries one that failed again. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import type { Run } from '../../api/page-entries.ts';
import { announce } from '../../parts/announcer.tsx';
import { ProblemLine } from '../../parts/problem-line.tsx';
import { readAgain, useDatasets } from './use-datasets.ts';

/** Absent for what no source brings: imports are made at the command line, pushes by senders. */
export function RunAgain({ run: { dataset, kind, state } }: { readonly run: Run }) {
  const client = useQueryClient();
  const source = useDatasets().data?.find((one) => one.dataset === dataset)?.source ?? null;
  const again = useMutation<unknown, ApiProblem>({
    mutationFn: () => {
      const params = { name: dataset };
      return call('POST /admin/v1/datasets/{name}/runs', { params, body: {} });
    },
    onSuccess: () => announce(`A run of ${dataset} has begun`),
    onSettled: () => readAgain(client, dataset),
  });
  if (kind !== 'sync' || source === null || source === 'push') return null;
  const verb = state === 'interrupted' ? 'Go on' : 'Try again';
  return (
    <>
      {again.error !== null && <ProblemLine error={again.error} />}
      <Button
        variant="subtle"
        data-size="compact"
        loading={again.isPending}
        onClick={() => again.mutate()}
      >
        {source === 'upload' ? `${verb} with the kept file` : verb}
      </Button>
    </>
  );
}
