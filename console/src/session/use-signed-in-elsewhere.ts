/**
 * Reads the session again and again while another window signs in. That window says when it is done
 * (the page of the OpenID callback), learns that this one waits, and closes.
 */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { readSession } from './session-calls.ts';
import type { Session } from './session-shape.ts';

/** @param key of the query, which must not be one that a new session reads again */
export function useSignedInElsewhere(key: readonly string[]): Session | undefined {
  const { data, refetch } = useQuery<Session, ApiProblem>({
    queryKey: key,
    queryFn: ({ signal }) => readSession(signal),
    // The window that signs in says so, unless it is of another browser.
    refetchInterval: ({ state }) => Math.min(maxPauseMs, pauseMs + 500 * state.errorUpdateCount),
    retry: false,
    gcTime: 0,
  });
  useEffect(() => {
    const channel = new BroadcastChannel('usher-session');
    channel.addEventListener('message', ({ data: words }) => {
      // Other pages may wait, too, and answer in the same way.
      if (words !== 'signed in') return;
      channel.postMessage('waited for');
      void refetch();
    });
    return () => channel.close();
  }, [refetch]);
  return data;
}

const pauseMs = 5_000;
const maxPauseMs = 60_000;
