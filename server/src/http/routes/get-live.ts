/** Reports that the process is alive, from any thread that can answer. */
import { getLive } from '@usher/contract/server-operations';
import { jsonAnswer } from '../json-answer.ts';
import type { Route } from '../route.ts';

export const getLiveRoute: Route = {
  operation: getLive,
  answer: () => jsonAnswer(200, { status: 'live' }),
};
