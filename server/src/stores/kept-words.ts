/**
 * The sentence in which the error of a failed write says what was kept. The store says it of one
 * call. Work of several calls, such as a run, replaces the sentence by one about the whole work.
 */
import { UsherError } from '../domain/errors.ts';

export const keptNothing = 'Nothing of the call was kept.';
const keptPart = 'A part of the call was kept, and the same call keeps the rest.';

/** Of an erasure that the store has begun. */
export const erasureGoesOn =
  'What was erased stays erased, and the request goes on where it stopped.';

/** The error of a call, some of whose transactions are on the disk. */
export function withPartKept(error: unknown): unknown {
  return withKept(error, keptPart);
}

/**
 * Replaces the sentence about one call by `words`. Errors without such a sentence stay as they are.
 * @param words one sentence
 */
function withKept(error: unknown, words: string): unknown {
  if (!(error instanceof UsherError)) return error;
  const { code, detail, members, context } = error;
  const said = [keptNothing, keptPart].find((it) => detail.includes(it));
  if (said === undefined) return error;
  return new UsherError(code, detail.replace(said, words), { members, context, cause: error });
}

/** Does the work, and gives its error `words`. */
export async function keeping<Result>(words: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw withKept(error, words);
  }
}
