/** The session, read at the start, when a call finds that it ended, and while no events arrive. */
import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../api/api-problem.ts';
import { useIsLive } from '../api/live-events.ts';
import { setSessionEnded, useSessionEnded } from '../api/session-ended.ts';
import { readSession } from './session-calls.ts';
import type { Session } from './session-shape.ts';
import { sayElsewhere } from './use-signed-in-elsewhere.ts';

const sessionQuery = queryOptions<Session, ApiProblem>({
  queryKey: ['session'],
  queryFn: ({ signal }) => readSession(signal),
  staleTime: Number.POSITIVE_INFINITY,
  retry: (count, problem) => problem.mayPass && count < maxRetries,
});

/** Two waits of 1 s and 2 s. After that the page says so, and asks when it is told to. */
const maxRetries = 2;

/** How often it is read while no events tell that a role has changed. */
const pauseMs = 5_000;

export function useSessionQuery() {
  const isLive = useIsLive();
  const hasEnded = useSessionEnded();
  return useQuery({
    ...sessionQuery,
    refetchInterval: ({ state }) =>
      isLive || hasEnded || state.data === undefined ? false : pauseMs,
  });
}

/** After signing in: everything that was read before may be another user's. */
export function startSession(client: QueryClient, session: Session): void {
  const before = client.getQueryData(sessionQuery.queryKey);
  client.setQueryData(sessionQuery.queryKey, session);
  // The page of another user stays covered until it is left.
  if (before === undefined || before.user.id === session.user.id) setSessionEnded(false);
  sayElsewhere();
  void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' });
}

/** Reads again what the user has changed about themselves. */
export async function refreshSession(client: QueryClient): Promise<void> {
  await client.invalidateQueries({ queryKey: sessionQuery.queryKey, exact: true });
}
