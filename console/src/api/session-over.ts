/** Whether the session ended while the page is open. Calls are not sent until somebody is back. */
import { ApiProblem } from './api-problem.ts';

let isOver = false;

export function noteSessionOver(next: boolean): void {
  isOver = next;
}

export function isSessionOver(): boolean {
  return isOver;
}

/**
 * The calls with which people sign in go on.
 * @throws {ApiProblem} `session_required`
 */
export function requireSession(path: string): void {
  if (!isOver || /^\/console\/api\/session(?:\/|$)/.test(path)) return;
  throw new ApiProblem({
    ...{ code: 'session_required', status: 401, requestId: undefined, members: {} },
    title: 'Your session ended',
    detail: 'Sign in again.',
  });
}
