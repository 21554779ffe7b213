/** Reads what is in an uploaded file, and reads it again with what the user chose. */
import { keepPreviousData, queryOptions, useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { type Choices, withReading } from './choices.ts';
import { freeName, type Sample } from './draft.ts';

export interface SampledFile {
  readonly upload: string;
  /** The dataset that it fills; `undefined`: a new one, named after the file. */
  readonly name: string | undefined;
  /** Chosen by the user; `undefined`: it is detected. */
  readonly encoding: string | undefined;
}

const shownRows = 3;

export function sampleQuery({ upload, name, encoding }: SampledFile, choices: Choices = {}) {
  return queryOptions<Sample, ApiProblem>({
    queryKey: ['sample', upload, name, encoding, choices],
    queryFn: ({ signal }) =>
      call(
        'GET /admin/v1/uploads/{id}/sample',
        {
          params: { id: upload },
          query: {
            rows: shownRows,
            ...(name === undefined ? {} : { dataset: name }),
            ...(encoding === undefined ? {} : { encoding }),
            ...choices,
          },
        },
        signal,
      ) as Promise<Sample>,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export interface ChosenSample {
  readonly sample: Sample;
  /** Whether the file is being read with the last choices. */
  readonly isReading: boolean;
  readonly error: ApiProblem | null;
  readonly onRetry: () => void;
}

/**
 * The sample with the choices of the user: what a run would do with them.
 * @param taken the names of all datasets. A draft is of none of them
 */
export function useChosenSample(
  first: Sample,
  {
    choices,
    taken,
    ...file
  }: Omit<SampledFile, 'name'> & {
    readonly choices: Choices | undefined;
    readonly taken: readonly string[];
  },
): ChosenSample {
  const { dataset, is_new: isNew } = first;
  const name = isNew && taken.includes(dataset) ? freeName(dataset, taken) : dataset;
  const isChosen = choices !== undefined;
  const { data, error, isPlaceholderData, refetch } = useQuery({
    ...sampleQuery({ ...file, name }, choices),
    enabled: isChosen,
    placeholderData: keepPreviousData,
  });
  const isRead = data !== undefined && !isPlaceholderData;
  return {
    sample: isChosen && data !== undefined ? withReading(first, data) : first,
    isReading: isChosen && !isRead && error === null,
    error: isChosen && !isRead ? error : null,
    onRetry: () => void refetch(),
  };
}
