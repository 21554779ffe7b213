/** A dataset's definition, and its earlier ones. */
import { useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import type { AnswerOf, Page } from '../../../api/operation-types.ts';
import type { DatasetDefinition, DatasetVersion } from '../../../api/page-entries.ts';

export interface Dataset extends Omit<AnswerOf<'GET /admin/v1/datasets/{name}'>, 'definition'> {
  readonly definition: DatasetDefinition | null;
}

export function useDefinition(name: string) {
  return useQuery<Dataset, ApiProblem>({
    queryKey: ['dataset', name, 'definition'],
    queryFn: ({ signal }) =>
      call('GET /admin/v1/datasets/{name}', { params: { name } }, signal) as Promise<Dataset>,
  });
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
