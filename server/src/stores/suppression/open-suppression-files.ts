/** `SuppressionFiles` of a data folder. */
import { existsSync, renameSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UsherError } from '../../domain/errors.ts';
import { makeFolder, putDurably, syncFolder } from '../durable-file.ts';
import type { DescribedList, SuppressionFiles, SuppressionKeyring } from '../suppression-files.ts';
import { keyFileName, suppressionFolder } from './suppression-key.ts';
import { listFileName, SuppressionList } from './suppression-list.ts';
import {
  describeSuppression,
  listedKeyIds,
  noNote,
  notedList,
  openNoted,
  type SuppressionNote,
  unusable,
} from './suppression-lists.ts';

/** The store of the folder. */
export interface SuppressionStore extends Pick<SuppressionFiles, 'apply' | 'countFound'> {
  /** What it notes of the lists. */
  readNote(): SuppressionNote;
  /** Notes something else. Throws `store_unavailable` while another process writes the store. */
  changeNote(change: (note: SuppressionNote) => SuppressionNote): Promise<void>;
}

export function openSuppressionFiles(
  dataFolder: string,
  { readNote, changeNote, apply, countFound }: SuppressionStore,
): SuppressionFiles {
  const folder = suppressionFolder(dataFolder);
  return {
    dataFolder,
    apply,
    countFound,
    forget: async (keyId) => {
      requireFaulty(folder, keyId, readNote());
      let forgotten: DescribedList | undefined;
      await changeNote((note) => {
        forgotten = requireFaulty(folder, keyId, note);
        return noteWithout(folder, note, forgotten);
      });
      return forgotten as DescribedList;
    },
    describe: () => describeSuppression(folder, readNote()),
    open: (keyId) => keyringOf(openSound(folder, keyId, readNote())),
    copyTo: async (target) => {
      const note = readNote();
      const described = requireSound(describeSuppression(folder, note));
      if (described.length > 0) await makeFolder(target);
      for (const { keyId } of described) await copyList(folder, keyId, target);
      // The copies may have more entries by now.
      return requireSound(describeSuppression(target, { ...noNote, own: note.own }));
    },
    takeFrom: async (source, onlyKeyId) => {
      const taken = requireIn(source, onlyKeyId);
      const known = new Set(listedKeyIds(folder));
      await makeFolder(folder);
      for (const { keyId } of taken) {
        if (known.has(keyId)) uniteInto(folder, keyId, source);
        else await copyList(source, keyId, folder);
      }
    },
    require: () => requireSound(describeSuppression(folder, readNote())),
    requireIn,
  };
}

function requireIn(folder: string, keyId?: string): readonly DescribedList[] {
  const described = describeSuppression(folder, noNote);
  return requireSound(described.filter((it) => keyId === undefined || it.keyId === keyId));
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

function requireFaulty(folder: string, keyId: string, note: SuppressionNote): DescribedList {
  const described = describeSuppression(folder, note);
  const list = described.find((it) => it.keyId === keyId);
  if (list === undefined) {
    const keyIds = described.map((it) => it.keyId).join(', ');
    const known = keyIds === '' ? 'This data folder has none.' : `The lists are ${keyIds}.`;
    throw new UsherError('resource_not_found', `There is no such suppression list. ${known}`);
  }
  if (list.fault !== null) return list;
  throw new UsherError(
    'parameter_invalid',
    `The suppression list ${keyId} can be used, so it is not forgotten. To let a person come back: usher privacy lift IDENTITY`,
  );
}

/** Puts the file aside, unless its entries count, and returns what to note from now on. */
function noteWithout(
  folder: string,
  { own, lists }: SuppressionNote,
  { keyId, fault }: DescribedList,
): SuppressionNote {
  if (fault === 'list_short') {
    const copy = openSound(folder, keyId, noNote);
    const found = notedList(copy);
    copy.close();
    return { own, lists: lists.map((it) => (it.keyId === keyId ? found : it)) };
  }
  const path = join(folder, listFileName(keyId));
  if (existsSync(path)) renameSync(path, `${path}.forgotten`);
  return {
    own: own === keyId ? null : own,
    lists: lists.filter((it) => it.keyId !== keyId),
  };
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
