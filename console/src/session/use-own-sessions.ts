/** Where the user is signed in. One of these sessions is that of this page. */
import { useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../api/api-problem.ts';
import { listOwnSessions } from './session-calls.ts';
import type { OwnSession } from './session-shape.ts';

export const ownSessionsKey = ['own-sessions'] as const;

export function useOwnSessions() {
  return useQuery<readonly OwnSession[], ApiProblem>({
    queryKey: ownSessionsKey,
    queryFn: ({ signal }) => listOwnSessions(signal),
  });
}
