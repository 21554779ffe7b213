/** How calls are kept, repeated and refreshed. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { problemOf } from './api-problem.ts';
import { keepOlderData, noteAnswer, watchServer } from './server-away.ts';
import { setSessionEnded } from './session-ended.ts';

export function createQueryClient(): QueryClient {
  const noteRights = (error: unknown) => {
    const { code } = problemOf(error);
    // Without a session in the first place, the sign-in page is shown instead.
    if (code === 'session_required' && client.getQueryData(['session']) !== undefined)
      setSessionEnded(true);
    // What the role does not allow was not offered: it may be another role by now.
    if (code === 'role_missing')
      void client.invalidateQueries({ queryKey: ['session'], exact: true });
  };
  const noteFailure = (error: unknown) => {
    noteRights(error);
    // What the page shows is as old as the last answer: it says so, and tries again.
    if (problemOf(error).code === 'unreachable') void client.refetchQueries({ type: 'active' });
  };
  const client = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        noteRights(error);
        keepOlderData(error, query);
      },
      onSuccess: (_data, query) => noteAnswer(query),
    }),
    mutationCache: new MutationCache({ onError: noteFailure }),
    defaultOptions: {
      queries: {
        // The node may be on this machine or network, whatever the browser thinks of the internet.
        networkMode: 'always',
        // A page that is opened again shows what it had, and asks anew.
        staleTime: freshMs,
        retry: (count, error) => problemOf(error).mayPass && count < maxRetries,
        retryDelay: (count) => Math.min(firstWaitMs * 2 ** count, maxWaitMs),
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
  watchServer(client.getQueryCache());
  return client;
}

const freshMs = 5_000;
/** Two waits of 0.5 s and 1 s, before a page says that the server does not answer. */
const maxRetries = 2;
const firstWaitMs = 500;
const maxWaitMs = 4_000;
