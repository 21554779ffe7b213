/** `usher doctor`: checks the suppression lists, which keep erased people out, and their keys. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Administration } from '../../administration/administration.ts';
import {
  listLostErasures,
  listOpenErasures,
} from '../../administration/privacy/resume-requests.ts';
import { composeDataFiles } from '../../compose.ts';
import { dataFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Settings } from '../../settings/settings.ts';
import { findStore } from '../../stores/find-store.ts';
import { countOf } from '../import/import-words.ts';
import { failedErasuresWords } from '../privacy/privacy-words.ts';
import type { DoctorFinding, NamedOrganization } from './doctor-store.ts';

const check = 'suppression';

/** @param verify whether to look for people who are found although a list keeps them out */
export async function checkSuppression(
  settings: Settings,
  verify: boolean,
): Promise<readonly DoctorFinding[]> {
  const { dataFolder } = settings;
  if (!existsSync(dataFolder)) return [];
  try {
    const { suppressionIn, readRulesIn } = await composeDataFiles(settings);
    const lists = suppressionIn(dataFolder).describe();
    const open = checkModes(join(dataFolder, dataFiles.suppression));
    const faults = lists.flatMap(({ words }): DoctorFinding[] =>
      words === null ? [] : [{ check, state: 'failed', detail: words }],
    );
    if (lists.length === 0 || faults.length + open.length > 0) return [...faults, ...open];
    const entries = lists.reduce((sum, list) => sum + list.entries - list.lifted, 0);
    const counted = `${countOf(lists.length, 'list')} with ${countOf(entries, 'keyed digest')}`;
    const ok: DoctorFinding = { check, state: 'ok', detail: `${counted}, each with its key` };
    const isThere = verify && findStore(dataFolder) === 'there';
    if (!isThere) return [ok];
    const found = await suppressionIn(dataFolder).countFound(await readRulesIn(dataFolder));
    return found === 0 ? [ok] : [ok, cameBack(found)];
  } catch (error) {
    // The checks of the store say what is wrong with it.
    if (!(error instanceof UsherError)) throw error;
    return [{ check, state: 'warning', detail: `not checked: ${error.detail}` }];
  }
}

function cameBack(found: number): DoctorFinding {
  const detail = `Suppressed identities that can be found: ${found}. The list was put into the folder after these people came back, or the contacts are an older copy. To erase them again, stop the server and run: usher privacy apply-lists`;
  return { check, state: 'failed', detail };
}

/** People of an erasure that was interrupted may still be found. */
export async function checkErasures(
  administration: Administration,
  organizations: readonly NamedOrganization[],
): Promise<readonly DoctorFinding[]> {
  const names = new Map(organizations.map(({ id, name }) => [id, name]));
  const open = (await listOpenErasures(administration)).map(
    ({ id, organizationId }) =>
      `The erasure ${id} of ${names.get(organizationId) ?? organizationId} is not complete: people whom it names may still be found. A running server completes it. Without one: usher privacy list. If it had not begun, it fails then, and must be sent again`,
  );
  const lost = await listLostErasures(administration, [...names.keys()]);
  const details = [...open, ...lost.map(({ id }) => failedErasuresWords([id]))];
  return details.map((detail) => ({ check: 'erasure', state: 'warning', detail }));
}

/** Who reads a list and its key can test whether a person was erased. */
function checkModes(folder: string): readonly DoctorFinding[] {
  if (!existsSync(folder)) return [];
  const paths = [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  const open = paths.filter((path) => (statSync(path).mode & 0o077) !== 0);
  if (open.length === 0) return [];
  const detail = `Other users can read ${open.join(', ')}. With a list and its key they can test whether a person was erased. To prevent that: chmod -R go-rwx ${folder}`;
  return [{ check, state: 'warning', detail }];
}
