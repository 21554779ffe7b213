/** Reports readiness. It fails as soon as the server is told to stop, so balancers send no more. */
import { getReady } from '@usher/contract/server-operations';
import { jsonAnswer } from '../json-answer.ts';
import { problemAnswer } from '../problem-response.ts';
import type { Route } from '../route.ts';

const words = {
  starting: 'The server is starting. Try again in a second.',
  draining: 'The server is stopping. Send the request to another one.',
} as const;

export const getReadyRoute: Route = {
  operation: getReady,
  answer: (context, { requestId }) => {
    const state = context.readiness.state();
    if (state === 'ready') return jsonAnswer(200, { status: state });
    return problemAnswer({ code: 'starting', detail: words[state] }, requestId);
  },
};
