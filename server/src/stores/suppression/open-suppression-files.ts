/** `SuppressionFiles` of a data folder. */
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, putDurably, syncFolder } from '../durable-file.ts';
import type { DescribedList, SuppressionFiles, SuppressionKeyring } from '../suppression-files.ts';
import { keyFileName, suppressionFolder } from './suppression-key.ts';
import { listFileName, SuppressionList } from './suppression-list.ts';
import {
  describeSuppression,
  listedKeyIds,
  noNote,
  openNoted,
  type SuppressionNote,
  unusable,
} from './suppression-lists.ts';

/** The store of the folder. */
export interface SuppressionStore extends Pick<SuppressionFiles, 'apply' | 'forget'> {
  /** What it notes of the lists. */
  readNote(): SuppressionNote;
}

export function openSuppressionFiles(
  dataFolder: string,
  { readNote, apply, forget }: SuppressionStore,
): SuppressionFiles {
  const folder = suppressionFolder(dataFolder);
  return {
    apply,
    forget,
    describe: () => describeSuppression(folder, readNote()),
    open: (keyId) => keyringOf(openSound(folder, keyId, readNote())),
    copyTo: async (target) => {
      const note = readNote();
      const described = requireSound(describeSuppression(folder, note));
      if (described.length > 0) await makeFolder(target);
      for (const { keyId } of described) await copyList(folder, keyId, target);
      return described;
    },
    takeFrom: async (source) => {
      requireSound(describeSuppression(source, noNote));
      const known = new Set(listedKeyIds(folder));
      await makeFolder(folder);
      for (const keyId of listedKeyIds(source)) {
        if (known.has(keyId)) uniteInto(folder, keyId, source);
        else await copyList(source, keyId, folder);
      }
      return requireSound(describeSuppression(folder, readNote()));
    },
  };
}

function keyringOf(list: SuppressionList): SuppressionKeyring {
  const { keyId, digests } = list;
  return {
    keyId,
    keyedDigest: ({ organizationId, type, digest }) =>
      digests.of({ kind: 'identity', organizationId, type }, digest).toString('hex'),
    mac: (text) => digests.mac(text),
    states: (keyedDigests) => keyedDigests.map((it) => list.stateOf(Buffer.from(it, 'hex'))),
    close: () => list.close(),
  };
}

function openSound(folder: string, keyId: string, note: SuppressionNote): SuppressionList {
  const list = openNoted(folder, keyId, note);
  if (list instanceof SuppressionList) return list;
  throw unusable(list);
}

function requireSound(described: readonly DescribedList[]): readonly DescribedList[] {
  const faulty = described.find(({ fault }) => fault !== null);
  if (faulty !== undefined) throw unusable(faulty);
  return described;
}

/** The key comes first: a list without its key is a fault, a key alone is none. */
async function copyList(from: string, keyId: string, target: string): Promise<void> {
  const key = join(target, `${keyId}.key.unfinished`);
  await copyFile(join(from, keyFileName(keyId)), key);
  await putDurably(key, join(target, keyFileName(keyId)));
  const unfinished = join(target, `${keyId}.unfinished`);
  const list = openSound(from, keyId, noNote);
  try {
    list.copyTo(unfinished);
  } finally {
    list.close();
  }
  await putDurably(unfinished, join(target, listFileName(keyId)));
  await syncFolder(target);
}

function uniteInto(folder: string, keyId: string, source: string): void {
  const own = openSound(folder, keyId, noNote);
  const other = openSound(source, keyId, noNote);
  try {
    own.unite(other);
  } finally {
    own.close();
    other.close();
  }
}
