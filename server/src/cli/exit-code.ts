/**
 * The one mapping from errors to exit codes: 0 done, 1 failed, 2 usage or settings, 3 not found, 4
 * applied with rejections, 130 interrupted.
 */
import { UsherError } from '../domain/errors.ts';
import { SettingsError } from '../settings/read-settings.ts';

export const exitCodes = {
  ...{ done: 0, failed: 1, usage: 2, notFound: 3 },
  /** A run was applied, and some of its rows were not. */
  rejected: 4,
  interrupted: 130,
} as const;

/** Of a run that was applied. */
export function exitCodeOfApplied({ rejected }: { readonly rejected: number }): number {
  return rejected > 0 ? exitCodes.rejected : exitCodes.done;
}

/** What is wrong with the call itself, not with the state of things. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** A command that was told to stop and did. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof InterruptedError) return exitCodes.interrupted;
  if (error instanceof SettingsError || error instanceof UsageError) return exitCodes.usage;
  if (!(error instanceof UsherError)) return exitCodes.failed;
  switch (error.code) {
    case 'resource_not_found':
    case 'contact_not_found':
      return exitCodes.notFound;
    case 'identity_missing':
    case 'identity_malformed':
    case 'identity_type_unknown':
    case 'identity_value_invalid':
    case 'parameter_unknown':
    case 'parameter_invalid':
      return exitCodes.usage;
    case 'definition_invalid':
      return isAboutTheCall(error) ? exitCodes.usage : exitCodes.failed;
    default:
      return exitCodes.failed;
  }
}

/**
 * Problems that name a part of the call are its own; one without a path is about what is there
 * already.
 */
function isAboutTheCall(error: UsherError): boolean {
  const { problems } = error.members;
  if (!Array.isArray(problems)) return false;
  return problems.every((problem: { path?: unknown }) => problem.path !== '');
}
