/** The overview of the organization. Events say what changes, and bring the traffic. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { call } from '../api/call.ts';
import { useIsLive } from '../api/live-events.ts';
import type { AnswerOf } from '../api/operation-types.ts';
import { useMay } from '../session/session-context.tsx';

export type Overview = AnswerOf<'GET /admin/v1/overview'>;

/** With events only for the minutes of the last hour; without them for everything. */
const pauseMs = { live: 60_000, alone: 10_000 } as const;

export function useOverview() {
  return useQuery<Overview, ApiProblem>({
    queryKey: ['overview'],
    queryFn: ({ signal }) => call('GET /admin/v1/overview', {}, signal),
    enabled: useMay('usage:read'),
  });
}

/**
 * Reads the overview again from time to time. For the frame around all pages alone. Not by
 * `refetchInterval`, which begins anew with each figure that an event sets.
 */
export function useFreshOverview(): void {
  const client = useQueryClient();
  const isLive = useIsLive();
  useEffect(() => {
    const readAgain = () => {
      if (document.visibilityState === 'hidden') return;
      void client.invalidateQueries({ queryKey: ['overview'] });
    };
    const timer = window.setInterval(readAgain, isLive ? pauseMs.live : pauseMs.alone);
    return () => window.clearInterval(timer);
  }, [client, isLive]);
}
