/** Says that the process lives: answered by whichever thread can still answer. */
import { getLive } from '@usher/contract/server-operations';
import { jsonAnswer } from '../json-answer.ts';
import type { Route } from '../route.ts';

export const getLiveRoute: Route = {
  operation: getLive,
  answer: () => jsonAnswer(200, { status: 'live' }),
};
