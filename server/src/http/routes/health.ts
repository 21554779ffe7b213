/** Reports whether the process is alive, and whether the server is ready. */
import { getLive, getReady } from '@usher/contract/server-operations';
import { jsonAnswer } from '../json-answer.ts';
import { problemAnswer } from '../problem-response.ts';
import type { Route } from '../route.ts';

const words = {
  starting: 'The server is starting. Try again in a second.',
  draining: 'The server is stopping. Send the request to another one.',
} as const;

export const healthRoutes: readonly Route[] = [
  { operation: getLive, answer: () => jsonAnswer(200, { status: 'live' }) },
  {
    operation: getReady,
    // Fails as soon as the server is told to stop, so that load balancers send no more.
    answer: ({ readiness }, { requestId }) => {
      readiness.noteAsked();
      const state = readiness.state();
      if (state === 'ready') return jsonAnswer(200, { status: state });
      return problemAnswer({ code: 'starting', detail: words[state] }, requestId);
    },
  },
];
