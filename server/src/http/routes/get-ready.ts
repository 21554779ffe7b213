/**
 * Says whether the server takes calls; it fails first when the server is told to stop, so that
 * nobody is sent here then.
 */
import { getReady } from '@usher/contract/server-operations';
import { jsonAnswer } from '../json-answer.ts';
import { problemAnswer } from '../problem-response.ts';
import type { Route } from '../route.ts';

const words = {
  starting: 'The server is starting. Try again in a second.',
  draining: 'The server is stopping. Ask another one.',
} as const;

export const getReadyRoute: Route = {
  operation: getReady,
  answer: (context, { requestId }) => {
    const state = context.readiness.state();
    if (state === 'ready') return jsonAnswer(200, { status: state });
    return problemAnswer({ code: 'starting', detail: words[state] }, requestId);
  },
};
