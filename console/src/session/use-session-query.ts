/** The session, read at the start and again when a call finds that it ended. */
import { type QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../api/api-problem.ts';
import { setSessionEnded } from '../api/session-ended.ts';
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

export function useSessionQuery() {
  return useQuery(sessionQuery);
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
