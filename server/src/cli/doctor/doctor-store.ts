/** `usher doctor`: checks that the contact store opens, its format and its free space. */
import { existsSync, readdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { composeDataFiles } from '../../compose.ts';
import { dataFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import type { Settings } from '../../settings/settings.ts';
import { findStore, type StorePresence } from '../../stores/find-store.ts';
import type { ContactReader } from '../../stores/store.ts';
import type { StoreSize } from '../../stores/store-files.ts';
import { compactAdvice } from '../limits.ts';
import { megabytes } from '../walk-files.ts';
import { withReader } from '../with-administration.ts';

export interface DoctorFinding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failed';
  /** What was found, and what to do about it. */
  readonly detail: string;
}

/** Whose runs and tokens are checked. */
export interface NamedOrganization {
  readonly id: number;
  readonly name: string;
}

export async function checkStore(
  settings: Settings,
  verify: boolean,
): Promise<readonly DoctorFinding[]> {
  const { dataFolder } = settings;
  if (!existsSync(dataFolder)) return [];
  const presence = findStore(dataFolder);
  if (presence !== 'there') return [missingStore(dataFolder, presence)];
  try {
    const files = (await composeDataFiles(settings)).storeIn(dataFolder);
    const size = await files.size();
    if (size === undefined) return [];
    const format = formatWords(size, files.convertedFormatVersion);
    return [
      ...(await withReader(settings, (reader) => checkReader(reader, format, verify))),
      checkFreeSpace(size),
      ...checkRoom(dataFolder, size),
      ...checkLeftOver(dataFolder),
    ];
  } catch (error) {
    if (!(error instanceof UsherError)) throw error;
    return [{ check: 'store', state: 'failed', detail: error.detail }];
  }
}

function missingStore(
  dataFolder: string,
  presence: Exclude<StorePresence, 'there'>,
): DoctorFinding {
  const check = 'store';
  if (presence === 'none') {
    if (hasBaselines(dataFolder)) return { check, state: 'failed', detail: goneWords };
    return { check, state: 'ok', detail: 'no contacts yet. To import some: usher import FILE' };
  }
  const detail =
    'The machine stopped during the first load, and what it left cannot be trusted. Run the import or sync again: it begins with an empty store.';
  return { check, state: 'warning', detail };
}

const goneWords =
  `The file ${dataFiles.contacts} in the data folder is missing or empty, although datasets were loaded: ` +
  `${dataFiles.baselines}/ has their baselines. Restore a backup. ` +
  'If you removed the contacts yourself, the next import or sync begins with an empty store.';

/** Runs leave them: there was a store. */
function hasBaselines(dataFolder: string): boolean {
  const folder = join(dataFolder, dataFiles.baselines);
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { recursive: true }).some((name) => `${name}`.endsWith('.parquet'));
}

function formatWords({ formatVersion }: StoreSize, converted: number): string {
  if (formatVersion >= converted) return `format ${formatVersion}`;
  return `format ${formatVersion}, which the next server or import changes to ${converted}`;
}

async function checkReader(
  reader: ContactReader,
  format: string,
  verify: boolean,
): Promise<readonly DoctorFinding[]> {
  const detail = `opens, ${format}, id ${await reader.storeId()}`;
  const opens: DoctorFinding = { check: 'store', state: 'ok', detail };
  return verify ? [opens, await checkContacts(reader)] : [opens];
}

async function checkContacts(reader: ContactReader): Promise<DoctorFinding> {
  const check = 'contacts';
  const faults = Object.entries(await reader.verify()).filter(([, count]) => count !== 0);
  const found = faults.map(([name, count]) => `${count} ${wordsOf(name)}`).join(', ');
  const next =
    'Restore a backup (usher restore), or apply every row again: usher sync run DATASET --full';
  return found === ''
    ? { check, state: 'ok', detail: 'every contact was read, and none is damaged' }
    : { check, state: 'failed', detail: `${found}. ${next}` };
}

/** `torn contacts` for `tornContacts`. */
function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function checkFreeSpace({ fileBytes, usedBytes }: StoreSize): DoctorFinding {
  const freeBytes = fileBytes - usedBytes;
  const share = Math.floor((freeBytes * 100) / Math.max(1, fileBytes));
  const size = `${megabytes(fileBytes)}, ${share} % of it free`;
  const isMuch = share > compactAdvice.freePercent && freeBytes > compactAdvice.freeBytes;
  if (!isMuch) return { check: 'store size', state: 'ok', detail: size };
  const detail = `${size}. New contacts will use the free space. To give it back to the disk, stop the server and run: usher compact`;
  return { check: 'store size', state: 'warning', detail };
}

function checkRoom(dataFolder: string, { usedBytes }: StoreSize): readonly DoctorFinding[] {
  const { bavail, bsize } = statfsSync(dataFolder);
  if (bavail * bsize > usedBytes) return [];
  const detail = `${megabytes(bavail * bsize)} free, and the contacts take ${megabytes(usedBytes)}: a compaction or a backup on this disk would not fit. Free some disk space first.`;
  return [{ check: 'room', state: 'warning', detail }];
}

function checkLeftOver(dataFolder: string): readonly DoctorFinding[] {
  if (!existsSync(join(dataFolder, dataFiles.compaction))) return [];
  const detail =
    'A compaction is running, or was killed and left a copy of the contacts. To remove the copy: usher compact';
  return [{ check: 'compaction', state: 'warning', detail }];
}
