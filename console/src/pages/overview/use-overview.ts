/** The overview of the organization, read again every few seconds while the page is shown. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import type { AnswerOf } from '../../api/operation-types.ts';
import { type EventChange, useEvents } from '../../api/use-events.ts';
import { useMay } from '../../session/session-context.tsx';

export type Overview = AnswerOf<'GET /admin/v1/overview'>;

/** Events say what changed. This is for what they do not say, such as ages. */
const pauseMs = 10_000;

export function useOverview() {
  const seesUsage = useMay('usage:read');
  useEvents(seesUsage, applyEvent);
  useReadAgain(seesUsage);
  return useQuery<Overview, ApiProblem>({
    queryKey: overviewKey,
    queryFn: ({ signal }) => call('GET /admin/v1/overview', {}, signal),
    enabled: seesUsage,
  });
}

/** Not by `refetchInterval`, which begins anew with each figure that an event sets. */
function useReadAgain(isOn: boolean): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!isOn) return undefined;
    const readAgain = () => void client.invalidateQueries({ queryKey: overviewKey });
    const timer = window.setInterval(readAgain, pauseMs);
    return () => window.clearInterval(timer);
  }, [client, isOn]);
}

/** Traffic comes with its figures; everything else says what to read again. */
function applyEvent({ client, event }: EventChange): void {
  const known = client.getQueryData<Overview>(overviewKey);
  if (event.name !== 'traffic' || known === undefined) {
    void client.invalidateQueries({ queryKey: overviewKey });
    return;
  }
  const { used_per_second, free_per_second, ...now } = event.data;
  const limit = { ...known.limit, used_per_second, free_per_second };
  client.setQueryData<Overview>(overviewKey, { ...known, now, limit });
}

const overviewKey = ['overview'] as const;
