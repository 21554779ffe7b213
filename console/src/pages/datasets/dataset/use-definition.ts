/** A dataset's definition, and its earlier ones. */
import { useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call, callTagged } from '../../../api/call.ts';
import type { AnswerOf, CallParts, Page } from '../../../api/operation-types.ts';
import type { DatasetDefinition, DatasetVersion } from '../../../api/page-entries.ts';

export interface Dataset extends Omit<AnswerOf<'GET /admin/v1/datasets/{name}'>, 'definition'> {
  readonly definition: DatasetDefinition | null;
  /** Names this state: a change that is based on another one is refused. */
  readonly tag: string | undefined;
}

export function useDefinition(name: string) {
  return useQuery<Dataset, ApiProblem>({
    queryKey: ['dataset', name, 'definition'],
    queryFn: async ({ signal }) => {
      const parts = { params: { name } };
      const { answer, tag } = await callTagged('GET /admin/v1/datasets/{name}', parts, {
        signal,
      });
      return { ...answer, tag } as Dataset;
    },
  });
}

/** Puts a definition in the place of the one that `ifMatch` names. Gives the tag of the new one. */
export async function putDefinition(
  name: string,
  body: CallParts<'PUT /admin/v1/datasets/{name}'>['body'],
  ifMatch: string | undefined,
): Promise<string | undefined> {
  const parts = { params: { name }, body };
  return (await callTagged('PUT /admin/v1/datasets/{name}', parts, { ifMatch })).tag;
}

export function useVersions(name: string) {
  return useQuery<Page<DatasetVersion>, ApiProblem>({
    queryKey: ['dataset', name, 'versions'],
    queryFn: ({ signal }) =>
      call(
        'GET /admin/v1/datasets/{name}/versions',
        { params: { name }, query: { limit: 50 } },
        signal,
      ),
  });
}
