/** Replaces a definition, and takes the change back for ten seconds. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import type { DatasetDefinition } from '../../../api/page-entries.ts';
import type { Undoable } from '../../../parts/undo-toast.tsx';
import { readAgain } from '../use-datasets.ts';
import { asBefore } from './definition-draft.ts';
import { putDefinition } from './use-definition.ts';

export interface Undone {
  /** The definition that comes back. */
  readonly before: DatasetDefinition;
  /** Of the state that is taken back: what somebody else has changed since stays. */
  readonly tag: string | undefined;
}

export function useUndoDefinition(name: string) {
  const [done, setDone] = useState<Undoable>();
  const client = useQueryClient();
  const { mutate, ...put } = useMutation<unknown, ApiProblem, Undone>({
    mutationFn: ({ before, tag }) =>
      // What was there before must come back, whatever the change took away.
      putDefinition(name, { definition: asBefore(before), force: true }, tag),
    onSettled: () => readAgain(client, name),
  });
  const forget = useCallback(() => setDone(undefined), []);
  /** Says what was done, and can take it back, if `undone` is given. */
  const save = (words: string, undone: Undone | undefined) =>
    setDone({ words, undo: undone && (() => mutate(undone)) });
  return { done, save, forget, error: put.error };
}
