/** The fields, who reads them, and changes of their settings that can be taken back. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { callPages } from '../../api/call-pages.ts';
import type { PageEntries } from '../../api/page-entries.ts';
import { announce } from '../../parts/announcer.tsx';
import type { Undoable } from '../../parts/undo-toast.tsx';

export type Field = PageEntries['GET /admin/v1/fields'];
export type FieldReader = PageEntries['GET /admin/v1/field-readers'];

export function useFields() {
  return useQuery<readonly Field[], ApiProblem>({
    queryKey: ['fields'],
    queryFn: ({ signal }) => callPages('GET /admin/v1/fields', signal),
  });
}

export function useFieldReaders() {
  return useQuery<readonly FieldReader[], ApiProblem>({
    queryKey: ['field-readers'],
    queryFn: ({ signal }) => callPages('GET /admin/v1/field-readers', signal),
  });
}

export interface FieldEdit {
  readonly field: Field;
  readonly change: Partial<Pick<Field, 'content' | 'condition' | 'sensitivity'>>;
  /** What it does: "city is public". */
  readonly words: string;
  /** Although tokens have recently read the field. */
  readonly force?: boolean;
  /** The user may not take it back. */
  readonly isLasting?: boolean;
}

export interface FieldEdits {
  readonly edit: (edit: FieldEdit) => void;
  readonly error: ApiProblem | null;
  /** The edit that the error is of. */
  readonly failed: FieldEdit | undefined;
  readonly done: Undoable | undefined;
  readonly forget: () => void;
}

export function useFieldEdits(): FieldEdits {
  const client = useQueryClient();
  const [done, setDone] = useState<Undoable>();
  const save = useMutation<unknown, ApiProblem, FieldEdit>({
    mutationFn: ({ field, change, force }) =>
      call('PATCH /admin/v1/fields/{name}', {
        params: { name: field.name },
        body: { ...change, ...(force === true && { force }) },
      }),
    onSettled: () => client.invalidateQueries({ queryKey: ['fields'] }),
  });
  const { mutate } = save;
  const edit = useCallback(
    (wanted: FieldEdit) => {
      const { field, change, words, isLasting } = wanted;
      const before = Object.fromEntries(
        Object.keys(change).map((member) => [member, field[member as keyof Field]]),
      );
      const undo = () => mutate({ field, change: before, words, force: true });
      const tell = () => (isLasting === true ? announce(words) : setDone({ words, undo }));
      mutate(wanted, { onSuccess: tell });
    },
    [mutate],
  );
  const forget = useCallback(() => setDone(undefined), []);
  const failed = save.error === null ? undefined : save.variables;
  return { edit, error: save.error, failed, done, forget };
}
