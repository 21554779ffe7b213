/**
 * Reads the session again and again while another window signs in. That window says when it is
 * done, learns that this one waits, and closes if it was opened for that.
 */
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { readSession } from './session-calls.ts';
import type { Session } from './session-shape.ts';

interface WaitParts {
  /** Of the query; a new session must not read it again. */
  readonly key: readonly string[];
  /** The milliseconds before the next try, after so many. */
  readonly pauseMs: (tries: number) => number;
}

export function useSignedInElsewhere({ key, pauseMs }: WaitParts): Session | undefined {
  const { data, refetch } = useQuery<Session, ApiProblem>({
    queryKey: key,
    queryFn: ({ signal }) => readSession(signal),
    refetchInterval: ({ state }) => pauseMs(state.dataUpdateCount + state.errorUpdateCount),
    retry: false,
    gcTime: 0,
  });
  useEffect(() => {
    const channel = new BroadcastChannel(channelName);
    channel.addEventListener('message', ({ data: said }) => {
      // Other windows that wait answer, too.
      if (said !== 'signed in') return;
      channel.postMessage('waited for');
      void refetch();
    });
    return () => channel.close();
  }, [refetch]);
  return data;
}

/** Tells windows that wait. */
export function sayElsewhere(): void {
  const channel = new BroadcastChannel(channelName);
  channel.postMessage('signed in');
  channel.close();
}

/** The page of the OpenID callback uses it, too. */
const channelName = 'usher-session';
