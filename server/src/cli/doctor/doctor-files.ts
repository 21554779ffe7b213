/** `usher doctor`: checks the key, the baselines and the files of reference rows. */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { dataFiles } from '../../domain/data-files.ts';
import { findKeyFault } from '../../stores/secret-key.ts';
import { countOf } from '../import/import-words.ts';
import type { DoctorFinding } from './doctor-store.ts';

/** Folders whose files the next run reads. */
const readFolders = [dataFiles.baselines, dataFiles.references];

export async function checkFiles(dataFolder: string): Promise<readonly DoctorFinding[]> {
  if (!(await isThere(dataFolder))) return [];
  const keyFault = await findKeyFault(dataFolder);
  const faults = keyFault === undefined ? [] : [keyFault];
  let seen = 0;
  for (const folder of readFolders) {
    for (const path of await listFiles(join(dataFolder, folder))) {
      seen += 1;
      if (!(await isWhole(path))) faults.push(damageWords(relative(dataFolder, path)));
    }
  }
  const check = 'files';
  if (faults.length > 0) return faults.map((detail) => ({ check, state: 'warning', detail }));
  if (seen === 0) return [];
  const detail = `${dataFiles.secretKey} and ${countOf(seen, 'file')} of runs are undamaged`;
  return [{ check, state: 'ok', detail }];
}

function damageWords(path: string): string {
  const next = path.startsWith(dataFiles.references)
    ? 'To write it again, sync its dataset: usher sync run DATASET --full'
    : 'The next run of its dataset sends every row again, and replaces the file.';
  return `${path} is damaged. ${next}`;
}

/** Parquet begins and ends with `PAR1`. The history of reference rows is JSON. */
async function isWhole(path: string): Promise<boolean> {
  if (path.endsWith('.json')) return isJson(path);
  if (!path.endsWith('.parquet')) return true;
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < 12) return false;
    const ends = Buffer.alloc(8);
    await file.read(ends, 0, 4, 0);
    await file.read(ends, 4, 4, size - 4);
    return ends.toString('latin1') === 'PAR1PAR1';
  } finally {
    await file.close();
  }
}

async function isJson(path: string): Promise<boolean> {
  try {
    JSON.parse(await readFile(path, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

async function listFiles(folder: string): Promise<readonly string[]> {
  if (!(await isThere(folder))) return [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
