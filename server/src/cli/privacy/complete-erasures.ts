/** Completes erasures that were interrupted, before a command copies or rewrites all contacts. */
import { setTimeout as delay } from 'node:timers/promises';
import { listOpenErasures } from '../../administration/privacy/resume-requests.ts';
import type { PrivacyRequest } from '../../catalog/privacy-requests.ts';
import { isCatalogThere } from '../../compose.ts';
import type { CommandSession } from '../command-frame.ts';
import { countOf } from '../import/import-words.ts';
import { openErasuresWaitMs } from '../limits.ts';
import { withAdministration } from '../with-administration.ts';
import { resumeLeft } from './privacy-call.ts';

const retryMs = 500;

/**
 * Goes on with erasures whose process died, and waits a while for those that another process may
 * still work on.
 * @returns those that are not complete all the same
 */
export async function completeErasures(
  session: CommandSession,
): Promise<readonly PrivacyRequest[]> {
  if (!(await isCatalogThere(session.settings))) return [];
  const { interrupted } = session.io;
  const endMs = performance.now() + openErasuresWaitMs;
  return withAdministration(session, false, async (administration) => {
    for (let isFirst = true; ; isFirst = false) {
      const open = await listOpenErasures(administration);
      if (open.length === 0) return open;
      if (isFirst) session.output.message(`${openWords(open)} Waiting for the end.`);
      const canGoOn = await resumeLeft(session, administration);
      if (!canGoOn || interrupted.aborted || performance.now() > endMs) {
        return listOpenErasures(administration);
      }
      await delay(retryMs);
    }
  });
}

export function openWords(open: readonly PrivacyRequest[]): string {
  const ids = open.map(({ id }) => id).join(', ');
  const verb = open.length === 1 ? 'is' : 'are';
  return `${countOf(open.length, 'erasure')} ${verb} not complete: ${ids}.`;
}
