/** The problems of signing in. Their words are the same for every account. */
import { UsherError } from '../domain/errors.ts';

/** @param members `code_required` or `password_required`, if that is all that is missing */
export function signInFailed(
  detail: string,
  members: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): UsherError {
  return new UsherError('sign_in_failed', detail, { members, cause });
}

export function mustWait(waitMs: number): UsherError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  return new UsherError(
    'rate_limited',
    `Too many failed attempts to sign in to this account from here. Wait ${seconds} s. A browser that has signed in before, or another network, can still sign in.`,
    { members: { retry_after_ms: waitMs } },
  );
}

export function sessionRequired(): UsherError {
  return new UsherError('session_required', 'Nobody is signed in. Sign in, then try again.');
}

export function invalid(path: string, detail: string): UsherError {
  return new UsherError('definition_invalid', detail, {
    members: { problems: [{ path, detail }] },
  });
}
