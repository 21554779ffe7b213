/** Takes back for ten seconds what joined or parted a contact. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import type { Undoable } from '../../../parts/undo-toast.tsx';

/** A merge is taken back by its entry in the log; a split by merging the two again. */
export type JoinUndo = { readonly entry: string } | { readonly identities: [string, string] };

/** @param words what was done */
export type OfferUndo = (words: string, undo: JoinUndo) => void;

export function useUndoJoin() {
  const [done, setDone] = useState<Undoable>();
  const client = useQueryClient();
  const { mutate, error } = useMutation<unknown, ApiProblem, JoinUndo>({
    mutationFn: (undo) =>
      'entry' in undo
        ? call('POST /admin/v1/contacts/unmerge', { body: undo })
        : call('POST /admin/v1/contacts/merge', { body: undo }),
    onSettled: () => client.invalidateQueries({ queryKey: ['contact'] }),
  });
  const forget = useCallback(() => setDone(undefined), []);
  const offer = useCallback<OfferUndo>(
    (words, undo) => setDone({ words, undo: () => mutate(undo) }),
    [mutate],
  );
  return { done, error, forget, offer };
}
