/** Logs why a call failed: in full if the server is at fault, in short if the caller is. */
import { UsherError } from '../domain/errors.ts';
import type { Log } from '../observe/log.ts';
import { problemOf, problemStatus } from './problem-response.ts';

export interface FailedCall {
  readonly error: unknown;
  readonly requestId: string;
  /** Such as `a look-up failed`. */
  readonly message: string;
  /** Of a fault of the server. By default `error`. */
  readonly level?: 'warn' | 'error';
}

/** Faults of callers (4xx) have the level `info` and no stack, for there is nothing to repair. */
export function logFailure(log: Log, failed: FailedCall): void {
  const { error, requestId, message, level = 'error' } = failed;
  const isOfCaller = error instanceof UsherError && problemStatus(problemOf(error)) < 500;
  if (isOfCaller) log.info({ refused: error, request_id: requestId }, message);
  else log[level]({ error, request_id: requestId }, message);
}
