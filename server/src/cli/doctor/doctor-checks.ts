/** The checks of `usher doctor`. Each is made whatever the others found. */
import { existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Administration } from '../../administration/administration.ts';
import { listOrganizations } from '../../administration/organizations.ts';
import { listTokens } from '../../administration/token/tokens.ts';
import { dataFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import { minFreeDiskBytes } from '../../domain/limits.ts';
import { exposureWarning } from '../../settings/exposure.ts';
import type { Settings } from '../../settings/settings.ts';
import type { CommandSession } from '../command-frame.ts';
import { countOf } from '../import/import-words.ts';
import { withAdministration } from '../with-administration.ts';
import { checkAccess } from './doctor-access.ts';
import { checkFiles } from './doctor-files.ts';
import { checkKilledRuns } from './doctor-runs.ts';
import { checkStore, type DoctorFinding, type NamedOrganization } from './doctor-store.ts';
import { checkErasures, checkSuppression } from './doctor-suppression.ts';
import { checkRejections, checkSyncs } from './doctor-syncs.ts';
import { checkWork } from './doctor-work.ts';

const oldestNode = 24;

/** @param verify whether to read every contact, which takes minutes in a large store */
export async function examine(
  session: Pick<CommandSession, 'settings' | 'io'>,
  verify: boolean,
): Promise<readonly DoctorFinding[]> {
  const { settings } = session;
  return [
    checkNode(),
    checkFolder(settings.dataFolder),
    ...checkModes(settings.dataFolder),
    checkSpace(settings.dataFolder),
    ...(await checkFiles(settings.dataFolder)),
    ...(await checkWork(settings.dataFolder)),
    ...(await checkCatalog(session)),
    ...(await checkStore(settings, verify)),
    ...(await checkSuppression(settings, verify)),
    ...(await checkAccess(settings, session.io.clock)),
    checkExposure(settings),
  ];
}

function checkNode(): DoctorFinding {
  const { node } = process.versions;
  const isNew = Number(node.split('.')[0]) >= oldestNode;
  return {
    check: 'node',
    state: isNew ? 'ok' : 'failed',
    detail: isNew ? node : `Node.js ${node} is too old. Install Node.js ${oldestNode} or newer.`,
  };
}

function checkFolder(folder: string): DoctorFinding {
  const check = 'data folder';
  if (existsSync(folder)) return { check, state: 'ok', detail: folder };
  const detail = `There is no data folder ${folder}. Name your data folder with --data, or create one: usher demo`;
  return { check, state: 'failed', detail };
}

/** These files hold contacts and the digests of tokens: only their owner may read them. */
function checkModes(folder: string): readonly DoctorFinding[] {
  const paths = ['', dataFiles.catalog, dataFiles.contacts, dataFiles.secretKey].map((name) =>
    join(folder, name),
  );
  const open = paths.filter((path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0);
  if (!existsSync(folder)) return [];
  if (open.length === 0)
    return [
      { check: 'permissions', state: 'ok', detail: 'only the owner can read the data folder' },
    ];
  const detail = `Other users can read ${open.join(', ')}. To prevent that: chmod -R go-rwx ${folder}`;
  return [{ check: 'permissions', state: 'warning', detail }];
}

function checkSpace(folder: string): DoctorFinding {
  let existing = folder;
  while (!existsSync(existing)) existing = dirname(existing);
  const { bavail, bsize } = statfsSync(existing);
  const freeBytes = bavail * bsize;
  const free = `${(freeBytes / 1e9).toFixed(1)} GB free`;
  if (freeBytes >= minFreeDiskBytes) return { check: 'disk', state: 'ok', detail: free };
  const detail = `${free}, which is too little to write contacts. Free some disk space.`;
  return { check: 'disk', state: 'failed', detail };
}

function checkExposure(settings: Settings): DoctorFinding {
  const warning = exposureWarning(settings);
  if (warning !== undefined) return { check: 'network', state: 'warning', detail: warning };
  return { check: 'network', state: 'ok', detail: `${settings.host}:${settings.port}` };
}

async function checkCatalog(
  session: Pick<CommandSession, 'settings' | 'io'>,
): Promise<readonly DoctorFinding[]> {
  try {
    return await withAdministration(session, false, async (administration) => {
      const organizations = await listOrganizations(administration);
      return [
        ...(await checkTokens(administration, organizations)),
        ...(await checkSyncs(administration, organizations)),
        ...(await checkRejections(administration, organizations)),
        ...(await checkErasures(administration, organizations)),
        ...(await checkKilledRuns(administration, session.settings, organizations)),
      ];
    });
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    return [{ check: 'catalog', state: 'failed', detail: error.detail }];
  }
}

async function checkTokens(
  administration: Administration,
  organizations: readonly NamedOrganization[],
): Promise<readonly DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  let live = 0;
  for (const { id, name } of organizations) {
    for (const token of await listTokens(administration, id)) {
      if (token.state === 'live') live += 1;
      for (const warning of token.warnings) {
        const detail = `${token.id} of ${name}: ${warning}`;
        findings.push({ check: 'token', state: 'warning', detail });
      }
    }
  }
  const detail = `${countOf(organizations.length, 'organization')}, ${countOf(live, 'live token')}`;
  return [{ check: 'catalog', state: 'ok', detail }, ...findings];
}
