/** Completes erasures that were interrupted, before a command copies or rewrites all contacts. */
import { setTimeout as delay } from 'node:timers/promises';
import { listOpenErasures } from '../../administration/privacy/resume-requests.ts';
import type { PrivacyRequest } from '../../catalog/privacy-requests.ts';
import { composeDataFiles, isCatalogThere } from '../../compose.ts';
import type { CommandSession } from '../command-frame.ts';
import { countOf } from '../import/import-words.ts';
import { openErasuresWaitMs } from '../limits.ts';
import { withAdministration } from '../with-administration.ts';
import { resumeLeft, warnOfFailed } from './privacy-call.ts';

const retryMs = 500;

/**
 * Goes on with erasures whose process died, and waits a while for those that another process may
 * still work on. Warns of those that have failed since.
 * @param mayConvert whether a catalog of an earlier release may be converted; if not, its erasures
 *   stay as they are
 * @returns those that are not complete all the same
 */
export async function completeErasures(
  session: CommandSession,
  { mayConvert }: { readonly mayConvert: boolean },
): Promise<readonly PrivacyRequest[]> {
  if (!(await isCatalogThere(session.settings))) return [];
  if (!mayConvert && !(await isConverted(session.settings))) return [];
  const { interrupted } = session.io;
  const endMs = performance.now() + openErasuresWaitMs;
  return withAdministration(session, false, async (administration) => {
    const atFirst = await listOpenErasures(administration);
    if (atFirst.length > 0) session.output.message(`${openWords(atFirst)} Waiting for the end.`);
    let open = atFirst;
    while (open.length > 0) {
      const canGoOn = await resumeLeft(session, administration);
      open = await listOpenErasures(administration);
      if (!canGoOn || interrupted.aborted || performance.now() > endMs) break;
      if (open.length > 0) await delay(retryMs);
    }
    await warnOfFailed(session, administration, atFirst);
    return open;
  });
}

async function isConverted(settings: CommandSession['settings']): Promise<boolean> {
  const { dataFolder, catalogIn } = await composeDataFiles(settings);
  const files = await catalogIn(dataFolder);
  const { steps } = await files.describe();
  return files.knownSteps.every((step) => steps.includes(step));
}

export function openWords(open: readonly PrivacyRequest[]): string {
  const ids = open.map(({ id }) => id).join(', ');
  const verb = open.length === 1 ? 'is' : 'are';
  return `${countOf(open.length, 'erasure')} ${verb} not complete: ${ids}.`;
}
