/** Rolls back the last run of a dataset that wrote something, after a typed confirmation. */
import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import type { Run } from '../../api/page-entries.ts';
import type { Formats } from '../../format/formats.ts';
import { useFormats } from '../../format/use-formats.ts';
import { announce } from '../../parts/announcer.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { brokeOff, type Undoable } from './run-words.ts';
import { readAgain, useDatasets } from './use-datasets.ts';

export function RollBack({ run, attempts }: Undoable) {
  const [isAsking, setAsking] = useState(false);
  const client = useQueryClient();
  const formats = useFormats();
  const { run_id: id, dataset } = run;
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
          title={`Roll back ${nameOf(run)}`}
          effects={[
            ...effectsOf(run, formats),
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

function effectsOf(run: Run, { count }: Formats): readonly string[] {
  const { added, changed, cleared, progress } = run;
  if (brokeOff(run)) {
    const rows = progress === null ? 'the rows' : `about ${count(progress.done)} rows`;
    return [
      `The contacts of ${rows} that it wrote get their old values back.`,
      'Contacts that it added leave.',
    ];
  }
  return [
    `${count(changed + cleared)} contacts get their old values back.`,
    ...(added > 0 ? [`${count(added)} contacts that the run added leave.`] : []),
  ];
}

function nameOf({ run_id }: Run): string {
  return `run ${run_id.slice(0, 4)}`;
}
