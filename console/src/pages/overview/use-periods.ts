/** The traffic of the range that the address names. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import type { AnswerOf } from '../../api/operation-types.ts';
import type { Overview } from '../../parts/use-overview.ts';
import { minutesOf, type Periods, periodsOf, type RangeName } from './periods.ts';

type Usage = AnswerOf<'GET /admin/v1/usage'>;

/** Usage is stored once a minute. */
const pauseMs = 60_000;
const dayMs = 86_400_000;

/** `undefined`: not read yet. */
export function usePeriods({ at, last_hour }: Overview, range: RangeName) {
  const by = range === '30d' ? 'day' : 'hour';
  const isStored = range === '24h' || range === '30d';
  const { data, error, refetch } = useQuery<Usage & { readonly nowMs: number }, ApiProblem>({
    queryKey: ['usage', by],
    queryFn: async ({ signal }) => {
      const nowMs = Date.now();
      const since = new Date(nowMs - (by === 'day' ? 29 : 1) * dayMs).toISOString();
      const query = { by, since, total: true, limit: 100 } as const;
      return { ...(await call('GET /admin/v1/usage', { query }, signal)), nowMs };
    },
    enabled: isStored,
    refetchInterval: pauseMs,
    placeholderData: (previous, query) =>
      query?.queryKey[1] === by ? keepPreviousData(previous) : undefined,
  });
  const periods = useMemo<Periods | undefined>(() => {
    if (!isStored) return minutesOf({ at, last_hour }, range === '15m' ? 15 : 60);
    return data && periodsOf(data.data, { by, nowMs: data.nowMs });
  }, [at, by, data, isStored, last_hour, range]);
  return { periods, error: isStored ? error : null, refetch };
}
