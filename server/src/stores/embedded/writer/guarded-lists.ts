/**
 * The suppression lists as the writing process uses them. While one of them cannot be used, writes
 * fail, so that no erased person comes back, and reads go on.
 */
import { suppressionFolder } from '../../suppression/suppression-key.ts';
import {
  noNote,
  SuppressionLists,
  type SuppressionNote,
} from '../../suppression/suppression-lists.ts';
import type { KeyedDatabase } from '../keyed-database.ts';
import { metaKeys, readMeta, writeMeta } from '../meta.ts';
import { refuseEarlierReleases } from '../store-format.ts';

export function readSuppressionNote(meta: KeyedDatabase): SuppressionNote {
  return readMeta<SuppressionNote>(meta, metaKeys.suppression) ?? noNote;
}

/** Call it in a transaction. */
export function writeSuppressionNote(meta: KeyedDatabase, note: SuppressionNote): void {
  if (JSON.stringify(note) === JSON.stringify(readSuppressionNote(meta))) return;
  writeMeta(meta, metaKeys.suppression, note);
  refuseEarlierReleases(meta);
}

export class GuardedLists {
  readonly #folder: string;
  readonly #meta: KeyedDatabase;
  #lists: SuppressionLists | undefined;

  constructor(dataFolder: string, meta: KeyedDatabase) {
    this.#folder = suppressionFolder(dataFolder);
    this.#meta = meta;
  }

  /**
   * The lists, opened at the first call.
   * @throws UsherError `store_unavailable`, with what to do; the next call tries again
   */
  require(): SuppressionLists {
    this.#lists ??= SuppressionLists.open(this.#folder, readSuppressionNote(this.#meta));
    return this.#lists;
  }

  /** Notes the lists in the store. Call it in a transaction, after entries were added. */
  note(): void {
    writeSuppressionNote(this.#meta, this.require().note());
  }

  close(): void {
    this.#lists?.close();
    this.#lists = undefined;
  }
}
