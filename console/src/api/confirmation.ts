/**
 * Some calls need the user to have confirmed who they are. Every call that the server refuses for
 * that asks the user, and is made again. The frame around the pages asks.
 */
import { problemOf } from './api-problem.ts';

/** Rejects if the user does not confirm. */
export type AskUser = () => Promise<void>;

let ask: AskUser | undefined;
let asked: Promise<void> | undefined;

/** `undefined`: nobody can ask, and calls fail with the server's problem. */
export function askWith(next: AskUser | undefined): void {
  ask = next;
}

/** Makes the call, and makes it again after the user has confirmed. */
export async function confirmed<Answer>(call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    if (problemOf(error).code !== 'confirmation_required' || ask === undefined) throw error;
    // Calls at the same time ask once.
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    await asked.catch(() => {
      throw error;
    });
    return call();
  }
}
