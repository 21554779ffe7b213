/**
 * What a write that failed says of what was kept. The store knows one call. Work that consists of
 * several calls says it of all of them.
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
 * The error with `words` in place of what it says of the one call. Other errors stay as they are.
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
