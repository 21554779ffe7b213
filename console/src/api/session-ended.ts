/**
 * Whether the session ended while the console was open. One answer for the whole console: calls are
 * no longer sent, events are no longer followed, and pages are covered until somebody signs in.
 */
import { useSyncExternalStore } from 'react';
import { ApiProblem } from './api-problem.ts';

let hasEnded = false;
const listeners = new Set<() => void>();

export function setSessionEnded(next: boolean): void {
  if (next === hasEnded) return;
  hasEnded = next;
  for (const listener of listeners) listener();
}

export function useSessionEnded(): boolean {
  return useSyncExternalStore(listen, () => hasEnded);
}

const sessionPath = '/console/api/session';

/**
 * Keeps calls back that the server would refuse. Those of the session itself are sent.
 * @throws {ApiProblem} `session_required`
 */
export function requireSession(path: string): void {
  if (!hasEnded || path === sessionPath || path.startsWith(`${sessionPath}/`)) return;
  throw new ApiProblem({
    code: 'session_required',
    status: 401,
    title: 'Your session ended',
    detail: 'Your session ended. Sign in again.',
    requestId: undefined,
    members: {},
  });
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
