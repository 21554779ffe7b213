/** Edits the definition of a dataset: the form, then what would change, then the change. */
import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import type { DatasetDefinition } from '../../../api/page-entries.ts';
import { formFaults } from '../../../api/problem-words.ts';
import { Card } from '../../../parts/card.tsx';
import define from '../../../parts/define.module.css';
import { keysFault } from '../../../parts/identity-keys.tsx';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import { useFaultFocus } from '../../../parts/use-fault-focus.ts';
import { readAgain } from '../use-datasets.ts';
import styles from './dataset.module.css';
import { DefinitionChange, type Trial } from './definition-change.tsx';
import {
  type DefinitionDraft,
  definitionOfDraft,
  draftOfDefinition,
  droppedFields,
  newTypesOf,
} from './definition-draft.ts';
import { DefinitionForm, definitionPaths } from './definition-form.tsx';
import { FieldsForm } from './fields-form.tsx';
import { OthersChange } from './others-change.tsx';
import { putDefinition } from './use-definition.ts';
import type { Undone } from './use-undo-definition.ts';

interface EditParts {
  readonly name: string;
  readonly definition: DatasetDefinition;
  /** Of the definition. */
  readonly tag: string | undefined;
  /** Called with what can be taken back, if it can. */
  readonly onSaved: (undone: Undone | undefined) => void;
  readonly onClose: () => void;
}

export function EditDefinition({ name, definition: current, tag, onSaved, onClose }: EditParts) {
  // What is edited is the definition of when the form was opened.
  const [before] = useState(current);
  const [draft, setDraft] = useState<DefinitionDraft>(() => draftOfDefinition(before));
  const client = useQueryClient();
  const types = useIdentityTypes();
  const change = () => {
    return {
      definition: definitionOfDraft(before, draft),
      new_identity_types: newTypesOf(draft, types ?? []),
    };
  };
  const check = useMutation<Trial, ApiProblem>({
    mutationFn: () =>
      call('POST /admin/v1/datasets/{name}/validate', { params: { name }, body: change() }),
  });
  const save = useMutation<string | undefined, ApiProblem, boolean>({
    // What the page says is what is replaced: if somebody was faster, it says so first.
    mutationFn: (force) => putDefinition(name, { ...change(), force }, tag),
    onSuccess: (saved) => onSaved(dropped.length > 0 ? undefined : { before, tag: saved }),
    onError: ({ code }) => {
      if (code === 'precondition_failed') check.mutate();
    },
    onSettled: () => readAgain(client, name),
  });
  const dropped = droppedFields(before, definitionOfDraft(before, draft));
  const edit = (next: DefinitionDraft) => {
    check.reset();
    save.reset();
    setDraft(next);
  };
  const faults = formFaults(check.error, definitionPaths);
  const form = useFaultFocus<HTMLDivElement>(check.error);
  const fault = keysFault(draft.keys);
  if (check.data !== undefined) {
    return (
      <DefinitionChange
        {...{ name, dropped }}
        trial={check.data}
        others={
          JSON.stringify(current) === JSON.stringify(before) ? null : (
            <OthersChange name={name} before={before} />
          )
        }
        isPending={save.isPending || check.isPending}
        error={save.error}
        onSave={(force) => save.mutate(force)}
        onBack={() => check.reset()}
      />
    );
  }
  return (
    <div className={styles.cards} ref={form}>
      <Card title="Definition" note={`The name ${name} stays: callers and rules use it.`}>
        <DefinitionForm draft={draft} knownTypes={types ?? []} faults={faults} onChange={edit} />
      </Card>
      <FieldsForm draft={draft} onChange={edit} />
      {faults.other !== null && <ProblemCard error={faults.other} />}
      <div className={define.buttons}>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          variant="filled"
          disabled={types === undefined || fault !== undefined}
          loading={check.isPending}
          onClick={() => check.mutate()}
        >
          Check the change
        </Button>
        {fault !== undefined && <span>{fault}</span>}
      </div>
    </div>
  );
}

function useIdentityTypes(): readonly string[] | undefined {
  const { data } = useQuery({
    queryKey: ['identity-types'],
    queryFn: ({ signal }) =>
      call('GET /admin/v1/identity-types', { query: { limit: 100 } }, signal),
  });
  return data?.data.map(({ name }) => name);
}
