/** `usher doctor`: checks that the access log can be written, and what it lost. */
import { existsSync } from 'node:fs';
import { accessFolder } from '../../access/access-folder.ts';
import { type AccessVerdict, verifyAccess } from '../../access/verify-access.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Settings } from '../../settings/settings.ts';
import { faultText } from '../access/access-words.ts';
import { notedAccessEnd } from '../access/noted-end.ts';
import { countOf } from '../import/import-words.ts';
import type { DoctorFinding } from './doctor-store.ts';

const check = 'access log';

export async function checkAccess(
  settings: Settings,
  clock: () => number,
): Promise<readonly DoctorFinding[]> {
  const { dataFolder } = settings;
  try {
    const noted = await notedAccessEnd(settings, clock);
    if (noted === undefined && !existsSync(accessFolder(dataFolder))) return [];
    return [judge(await verifyAccess(dataFolder, noted))];
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    return [{ check, state: 'warning', detail: `not checked: ${error.detail}` }];
  }
}

function judge({ fault, lost, entries }: AccessVerdict): DoctorFinding {
  if (fault !== null) {
    const detail = `${faultText(fault)} To see more: usher access verify`;
    return { check, state: 'failed', detail };
  }
  if (lost === 0) return { check, state: 'ok', detail: `${countOf(entries, 'look')}, proven` };
  const detail = `${countOf(lost, 'look')} were not noted, because the log could not be written fast enough or the disk was full. Free some space. To refuse look-ups instead: USHER_ACCESS_LOG=required`;
  return { check, state: 'warning', detail };
}
