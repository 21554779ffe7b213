/** Maps errors to exit codes. */
import { UsherError } from '../domain/errors.ts';
import { tooCostlyExitCode } from '../membership/rule-work.ts';
import { SettingsError } from '../settings/read-settings.ts';

export const exitCodes = {
  ...{ done: 0, failed: 1, usage: 2, notFound: 3 },
  /** A run was applied, without its rejected rows. */
  rejected: 4,
  rulesTooCostly: tooCostlyExitCode,
  interrupted: 130,
} as const;

/** The exit code of a run that was applied. */
export function exitCodeOfApplied({ rejected }: { readonly rejected: number }): number {
  return rejected > 0 ? exitCodes.rejected : exitCodes.done;
}

/** The command was called wrongly. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The command was told to stop, and stopped. */
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
    case 'rules_too_costly':
      return exitCodes.rulesTooCostly;
    case 'definition_invalid':
    case 'rule_invalid':
    case 'definition_cycle':
      return isAboutTheCall(error) ? exitCodes.usage : exitCodes.failed;
    default:
      return exitCodes.failed;
  }
}

/**
 * A problem whose `path` is not empty is about what the command was given. A problem with an empty
 * `path` is about existing data.
 */
function isAboutTheCall(error: UsherError): boolean {
  const { problems } = error.members;
  if (!Array.isArray(problems)) return false;
  return problems.every((problem: { path?: unknown }) => problem.path !== '');
}
