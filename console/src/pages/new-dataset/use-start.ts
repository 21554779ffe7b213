/** Defines a dataset from its draft, and starts its first run. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { type ApiProblem, problemOf } from '../../api/api-problem.ts';
import { call, callTagged } from '../../api/call.ts';
import { useSession } from '../../session/session-context.tsx';
import { readAgain } from '../datasets/use-datasets.ts';
import { type Draft, definitionOf, type Sample } from './draft.ts';

interface Start {
  readonly sample: Sample;
  readonly draft: Draft;
  readonly known: readonly string[];
}

type Definition = ReturnType<typeof definitionOf>;

/** `own`: the dataset that this draft has made, or may have made if the answer was lost. */
export function useStart(upload: string) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const { user } = useSession();
  const [made, setMade] = useState<{ readonly name: string; readonly isSure: boolean }>();
  const start = useMutation<string, ApiProblem, Start>({
    mutationFn: async ({ sample, draft, known }) => {
      const { name } = draft;
      const params = { name };
      const body = definitionOf(sample, draft, known);
      const isAgain = made?.name === name;
      const isSure = isAgain && made.isSure;
      try {
        await callTagged('PUT /admin/v1/datasets/{name}', { params, body }, { mustBeNew: !isSure });
      } catch (error) {
        const { code, mayPass } = problemOf(error);
        const isTaken = code === 'precondition_failed';
        const author = `user:${user?.id}`;
        if (!(isTaken && isAgain && (await isMadeBy(author, name, body)))) {
          // Without an answer, the dataset may be there.
          if (mayPass && !isSure) setMade({ name, isSure });
          if (isTaken) setMade(undefined);
          throw error;
        }
      }
      setMade({ name, isSure: true });
      const isStarted = isAgain && (await hasRun(name));
      if (!isStarted)
        await call('POST /admin/v1/datasets/{name}/runs', { params, body: { upload } });
      return name;
    },
    onSuccess: async (name) => {
      await readAgain(client, name);
      await navigate({ to: '/datasets/$name', params: { name } });
    },
  });
  return { ...start, own: made?.name };
}

/** Whether the dataset has the definition that the user sent, and no other before it. */
async function isMadeBy(author: string, name: string, body: Definition): Promise<boolean> {
  const params = { name };
  const [{ data: versions }, { differences }] = await Promise.all([
    call('GET /admin/v1/datasets/{name}/versions', { params, query: { limit: 2 } }),
    call('POST /admin/v1/datasets/{name}/validate', { params, body }),
  ]);
  return versions.length === 1 && versions[0]?.author === author && differences.length === 0;
}

async function hasRun(name: string): Promise<boolean> {
  const parts = { params: { name }, query: { limit: 1 } };
  return (await call('GET /admin/v1/datasets/{name}/runs', parts)).data.length > 0;
}
