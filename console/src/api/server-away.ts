/**
 * Whether the server is away: one answer for the whole console. A part of a page that has older
 * data goes on to show it; the strip over the page alone says so, and since when.
 */
import type { Query, QueryCache } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { type ApiProblem, problemOf } from './api-problem.ts';

export interface Away {
  /** Why the last call had no result. */
  readonly reason: ApiProblem;
  /** When the page last read something. `undefined`: it has read nothing yet. */
  readonly asOfMs: number | undefined;
}

/** The queries whose last call failed in a way that passes by itself. */
const failures = new WeakMap<object, ApiProblem>();

let away: Away | undefined;
/** When the server last came back, by the clock of `ApiProblem.atMs`. */
let backMs = Number.NEGATIVE_INFINITY;
const listeners = new Set<() => void>();

/** Follows the calls of the console. */
export function watchServer(cache: QueryCache): void {
  cache.subscribe(() => {
    const next = awayIn(cache);
    if (next?.reason === away?.reason && next?.asOfMs === away?.asOfMs) return;
    if (next === undefined) backMs = performance.now();
    away = next;
    for (const listener of listeners) listener();
  });
}

/** Keeps what the query has read before, unless the error says that it no longer holds. */
export function keepOlderData(error: unknown, query: Query<unknown, unknown, unknown>): void {
  const problem = problemOf(error);
  if (problem.mayPass) failures.set(query, problem);
  else noteAnswer(query);
  // The page is covered, and goes on for the same user with what was typed on it.
  const isCovered = problem.code === 'session_required' && query.queryKey[0] !== 'session';
  if (!problem.mayPass && !isCovered) return;
  if (query.state.data !== undefined) query.setState({ status: 'success', error: null });
}

export function noteAnswer(query: object): void {
  failures.delete(query);
}

export function useAway(): Away | undefined {
  return useSyncExternalStore(listen, () => away);
}

/** Whether the error says that the server was away, and the server is back since. */
export function useIsPast(error: unknown): boolean {
  const { code, atMs } = problemOf(error);
  return useSyncExternalStore(listen, () => code === 'unreachable' && atMs < backMs);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function awayIn(cache: QueryCache): Away | undefined {
  const active = cache.getAll().filter((query) => query.isActive());
  const failed = active.flatMap((query) => {
    const reason = failures.get(query) ?? passingReason(query);
    return reason === undefined ? [] : [{ query, reason }];
  });
  const [first] = failed;
  if (first === undefined) return undefined;
  // The session is read at the start alone, and says nothing about the age of a page.
  const read = failed.filter(({ query }) => query.queryKey[0] !== 'session');
  const asOfMs = Math.max(0, ...read.map(({ query }) => query.state.dataUpdatedAt));
  return { reason: first.reason, asOfMs: asOfMs === 0 ? undefined : asOfMs };
}

/** Why a call is being repeated. */
function passingReason({ state }: Query): ApiProblem | undefined {
  if (state.fetchFailureReason === null) return undefined;
  const problem = problemOf(state.fetchFailureReason);
  return problem.mayPass ? problem : undefined;
}
