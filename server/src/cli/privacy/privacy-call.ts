/** What the privacy commands share: the caller, the opened store, and left requests. */
import type { Administration } from '../../administration/administration.ts';
import type { PrivacyCaller, PrivacyStore } from '../../administration/privacy/privacy-caller.ts';
import {
  listFailedErasures,
  listOpenErasures,
  resumeRequests,
} from '../../administration/privacy/resume-requests.ts';
import type { PrivacyRequest } from '../../catalog/privacy-requests.ts';
import { composeSuppression, composeWriter } from '../../compose.ts';
import { UsherError } from '../../domain/errors.ts';
import type { CommandSession } from '../command-frame.ts';
import { withContactCaller, withJoinStore } from '../contact/contact-call.ts';
import { failedErasuresWords } from './privacy-words.ts';

/** Runs `work`, after requests whose process died. */
export function withPrivacyCaller<T>(
  session: CommandSession,
  work: (caller: PrivacyCaller) => Promise<T>,
): Promise<T> {
  return withContactCaller(session, async (caller) => {
    const open = await listOpenErasures(caller.administration);
    await resumeLeft(session, caller.administration);
    await warnOfFailed(session, caller.administration, open);
    return work(caller);
  });
}

/** Warns if erasures that were open have failed since. */
export async function warnOfFailed(
  { output }: CommandSession,
  administration: Administration,
  open: readonly PrivacyRequest[],
): Promise<void> {
  const failed = await listFailedErasures(administration, open);
  if (failed.length > 0) output.warning(failedErasuresWords(failed.map(({ id }) => id)));
}

/** Opens the contact store for `work`, which writes through a running server if there is one. */
export async function withPrivacyStore<T>(
  session: CommandSession,
  work: (store: PrivacyStore) => Promise<T>,
): Promise<T> {
  const suppression = await composeSuppression(session.settings);
  return withJoinStore(session, (store) => work({ ...store, suppression }));
}

/**
 * Goes on with requests whose process died.
 * @returns `false`: they cannot go on now; a warning says why
 */
export async function resumeLeft(
  session: CommandSession,
  administration: Administration,
): Promise<boolean> {
  const { settings, io, output } = session;
  const opened: Awaited<ReturnType<typeof composeWriter>>[] = [];
  const openStore = async () => {
    const writer = opened[0] ?? (await composeWriter(settings));
    opened[0] = writer;
    return { writer, suppression: await composeSuppression(settings) };
  };
  try {
    const { ended, failed } = await resumeRequests(administration, openStore, io.interrupted);
    if (ended > 0) output.message(`Went on with privacy requests that were left: ${ended}.`);
    for (const { id, failure } of failed) {
      output.warning(`The privacy request ${id} has failed (${failure}). Send it again.`);
    }
    return true;
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    output.warning(`Privacy requests that were left could not go on. ${error.detail}`);
    return false;
  } finally {
    await opened[0]?.close();
  }
}
