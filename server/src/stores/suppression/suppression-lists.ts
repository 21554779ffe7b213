/**
 * All suppression lists of a data folder. New entries go to its own list; every list is checked,
 * because a restored folder may have lists of several keys.
 */
import { existsSync, readdirSync } from 'node:fs';
import { dataFiles } from '../../domain/data-files.ts';
import { UsherError } from '../../domain/errors.ts';
import type { DescribedList, ListFault, SuppressionState } from '../suppression-files.ts';
import type { DigestScope } from './keyed-digests.ts';
import { keyedDigestBytes } from './keyed-digests.ts';
import { keyFileName, makeSuppressionKey } from './suppression-key.ts';
import { listFileName, SuppressionList } from './suppression-list.ts';

/** What the store notes of the lists, so that a lost or older list is noticed. */
export interface SuppressionNote {
  /** The list that gets new entries; `null`: there is none yet. */
  readonly own: string | null;
  readonly lists: readonly NotedList[];
}

export interface NotedList {
  readonly keyId: string;
  readonly entries: number;
  readonly changes: number;
}

export const noNote: SuppressionNote = { own: null, lists: [] };

/** What is to be suppressed. */
export interface Suppressed {
  readonly scope: DigestScope;
  readonly digest: Uint8Array;
}

export class SuppressionLists {
  readonly #folder: string;
  readonly #lists: SuppressionList[];
  #own: string | null;
  #making: Promise<SuppressionList> | undefined;

  /**
   * Opens every list of the folder.
   * @throws UsherError `store_unavailable` if one is missing, damaged, older than noted, or without
   *   its key
   */
  static open(folder: string, note: SuppressionNote): SuppressionLists {
    const lists: SuppressionList[] = [];
    try {
      for (const keyId of keyIdsOf(folder, note)) {
        const list = openNoted(folder, keyId, note);
        if (!(list instanceof SuppressionList)) throw unusable(list);
        lists.push(list);
      }
    } catch (error) {
      for (const list of lists) list.close();
      throw error;
    }
    return new SuppressionLists(folder, lists, note.own);
  }

  private constructor(folder: string, lists: SuppressionList[], own: string | null) {
    this.#folder = folder;
    this.#lists = lists;
    this.#own = own;
  }

  /** Whether nothing is suppressed. */
  get isEmpty(): boolean {
    return this.#lists.every(({ entries }) => entries === 0);
  }

  get keyIds(): readonly string[] {
    return this.#lists.map(({ keyId }) => keyId);
  }

  /** The list that gets new entries; `undefined`: there is none yet. */
  get own(): SuppressionList | undefined {
    return this.#lists.find(({ keyId }) => keyId === this.#own);
  }

  /** The own list; makes it, on the disk when it resolves. */
  async makeOwn(): Promise<SuppressionList> {
    if (this.own !== undefined) return this.own;
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  async #make(): Promise<SuppressionList> {
    const key = await makeSuppressionKey(this.#folder);
    const list = await SuppressionList.create(this.#folder, key);
    this.#lists.push(list);
    this.#own = key.keyId;
    return list;
  }

  /** The next entry goes to a new list. All lists that there are still count. */
  giveUpOwn(): void {
    this.#own = null;
  }

  /** What the store is to note. */
  note(): SuppressionNote {
    return { own: this.#own, lists: this.#lists.map(notedList) };
  }

  has(scope: DigestScope, digest: Uint8Array): boolean {
    return this.#lists.some((list) => list.entries > 0 && list.has(list.digests.of(scope, digest)));
  }

  /**
   * The places of those digests that are suppressed; mostly none. Costs little for many at once.
   * @param digests 16 bytes each, one after the other
   */
  placesOf(scope: DigestScope, digests: Buffer): readonly number[] {
    const places = new Set<number>();
    for (const list of this.#lists) {
      if (list.entries === 0) continue;
      const hashes = list.digests.ofAll(scope, digests);
      for (let at = 0; at < hashes.length; at += keyedDigestBytes) {
        if (!list.mayHave(hashes, at)) continue;
        const hash = hashes.subarray(at, at + keyedDigestBytes);
        if (list.has(hash)) places.add(at / keyedDigestBytes);
      }
    }
    return [...places];
  }

  /** The state of a keyed digest in one list. */
  stateOf(keyId: string, hash: Buffer): SuppressionState {
    return this.#lists.find((list) => list.keyId === keyId)?.stateOf(hash) ?? 'unknown';
  }

  /** Whether a list has the digest, and none suppresses it any more. */
  isLifted(scope: DigestScope, digest: Uint8Array): boolean {
    const states = this.#lists.map((list) => list.stateOf(list.digests.of(scope, digest)));
    return states.includes('lifted') && !states.includes('suppressed');
  }

  /** The list of a key, or the own one if there is no such list. One of them must exist. */
  listFor(keyId: string): SuppressionList {
    const list = this.#lists.find((it) => it.keyId === keyId) ?? this.own;
    if (list === undefined) throw new Error('There is no own suppression list.');
    return list;
  }

  /** Adds to the own list, or to the one of `keyId`. On the disk when it returns. */
  add(suppressed: readonly Suppressed[], nowMs: number, keyId = this.#own ?? ''): void {
    const list = this.listFor(keyId);
    const hashes = suppressed.map(({ scope, digest }) => list.digests.of(scope, digest));
    if (hashes.length > 0) list.add(hashes, nowMs);
  }

  /** Lifts in every list. `false`: none had it, or it was lifted already. */
  lift(scope: DigestScope, digest: Uint8Array, nowMs: number): boolean {
    const lifted = this.#lists.map((list) => list.lift(list.digests.of(scope, digest), nowMs));
    return lifted.includes(true);
  }

  close(): void {
    for (const list of this.#lists) list.close();
  }
}

export function notedList({ keyId, entries, changes }: NotedList): NotedList {
  return { keyId, entries, changes };
}

/** Describes every list that the folder has or the store notes. */
export function describeSuppression(folder: string, note: SuppressionNote): DescribedList[] {
  return keyIdsOf(folder, note).map((keyId) => {
    const list = openNoted(folder, keyId, note);
    if (!(list instanceof SuppressionList)) return list;
    try {
      const { entries } = list;
      const counts = { entries, lifted: list.countLifted(), newestAtMs: list.newestAtMs() };
      return { keyId, isOwn: keyId === note.own, ...counts, fault: null, words: null };
    } finally {
      list.close();
    }
  });
}

/** The key ids of the lists in a folder. */
export function listedKeyIds(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) => /^([0-9a-f]{16})\.list$/.exec(name)?.[1] ?? [])
    .sort();
}

function keyIdsOf(folder: string, { own, lists }: SuppressionNote): string[] {
  const noted = lists.map(({ keyId }) => keyId);
  const ids = new Set([...(own === null ? [] : [own]), ...noted, ...listedKeyIds(folder)]);
  return [...ids];
}

export function openNoted(
  folder: string,
  keyId: string,
  { own, lists }: SuppressionNote,
): SuppressionList | DescribedList {
  const noted = lists.find((it) => it.keyId === keyId);
  const { entries = 0, changes = 0 } = noted ?? {};
  const list = SuppressionList.open(folder, keyId);
  const faulty = (fault: ListFault, found = 0): DescribedList => {
    const lastResort = ` If there is no copy: usher privacy forget-list ${keyId}`;
    const words = `${wordsOf(fault, keyId, { found, noted: entries })}${noted === undefined ? '' : lastResort}`;
    const isOwn = keyId === own;
    return { keyId, isOwn, entries, lifted: 0, newestAtMs: null, fault, words };
  };
  if (typeof list === 'string') return faulty(list);
  if (list.entries >= entries && list.changes >= changes) return list;
  list.close();
  return faulty('list_short', list.entries);
}

function wordsOf(
  fault: ListFault,
  keyId: string,
  { found, noted }: { readonly found: number; readonly noted: number },
): string {
  const list = `${dataFiles.suppression}/${listFileName(keyId)}`;
  const key = `${dataFiles.suppression}/${keyFileName(keyId)}`;
  switch (fault) {
    case 'list_missing':
      return `The suppression list ${list} is missing. Copy it from the newest backup of this data folder, with its key beside it.`;
    case 'list_damaged':
      return `The suppression list ${list} is damaged. Copy it from the newest backup of this data folder.`;
    case 'list_version':
      return `The suppression list ${list} was written by another version of Usher. Use the version that wrote it, or copy the list from a backup that this version made.`;
    case 'list_short':
      return `The suppression list ${list} is an older copy: it has ${found} of ${noted} entries${found < noted ? '' : ', but not what changed later'}. Copy the newest one.`;
    case 'key_missing':
      return `The key ${key} of the suppression list is missing. Copy it from a backup of this data folder.`;
    case 'key_wrong':
      return `The file ${key} is not the key of the suppression list beside it. Copy the key from a backup of this data folder.`;
  }
}

export function unusable({ words }: DescribedList): UsherError {
  return new UsherError(
    'store_unavailable',
    `Nothing is written, so that no erased person comes back. ${words}`,
  );
}
