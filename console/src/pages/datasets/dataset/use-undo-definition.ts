/** Replaces a definition, and takes the change back for ten seconds. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import type { DatasetDefinition } from '../../../api/page-entries.ts';
import type { Undoable } from '../../../parts/undo-toast.tsx';
import { readAgain } from '../use-datasets.ts';
import { asBefore } from './definition-draft.ts';

export function useUndoDefinition(name: string) {
  const [done, setDone] = useState<Undoable>();
  const client = useQueryClient();
  const { mutate, ...put } = useMutation<unknown, ApiProblem, DatasetDefinition>({
    mutationFn: (definition) =>
      call('PUT /admin/v1/datasets/{name}', {
        params: { name },
        // What was there before must come back, whatever the change took away.
        body: { definition: asBefore(definition), force: true },
      }),
    onSettled: () => readAgain(client, name),
  });
  const forget = useCallback(() => setDone(undefined), []);
  /** Says what was done, and can put `before` back, if it is given. */
  const save = (words: string, before: DatasetDefinition | undefined) =>
    setDone({ words, undo: before && (() => mutate(before)) });
  return { done, save, forget, error: put.error };
}
