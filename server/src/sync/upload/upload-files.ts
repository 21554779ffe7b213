/**
 * The files that callers uploaded, each in a folder of its own below `uploads/` of the data folder:
 * its bytes, and `upload.json`, which is written last. A folder without it is an upload that has
 * not arrived yet, or was broken off.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles, uploadFolder } from '../../domain/data-files.ts';
import type { Compression, FileShape } from '../../sources/file-format.ts';
import { extensionOf } from '../../sources/sniff-format.ts';
import { writeDurably } from '../../stores/durable-file.ts';
import { maxUploadMs, uploadKeptMs } from '../limits.ts';

export interface Upload {
  readonly id: string;
  readonly organizationId: number;
  /** As the caller named the file. It is part of no path. */
  readonly name: string;
  readonly shape: FileShape;
  readonly compression: Compression;
  readonly bytes: number;
  readonly createdAtMs: number;
  /** Who sent it, as in the audit log. */
  readonly by: string;
  /** The dataset that the caller sent it for; no other dataset reads it. `null`: not decided. */
  readonly datasetId: number | null;
  /** The dataset whose next run reads it, and since when; `null`: none yet. */
  readonly given: { readonly datasetId: number; readonly atMs: number } | null;
  /** The last run that has read it; `null`: none yet. */
  readonly readBy: string | null;
}

/** Whether a run has applied or rejected the file, or one that its dataset was given later. */
export type EndedTest = (upload: GivenUpload) => Promise<boolean>;

export type GivenUpload = Upload & { readonly given: NonNullable<Upload['given']> };

const idPattern = /^[0-9a-f]{24}$/;
const recordName = 'upload.json';

export class UploadFiles {
  readonly #dataFolder: string;

  constructor(dataFolder: string) {
    this.#dataFolder = dataFolder;
  }

  folderOf(organizationId: number, id: string): string {
    if (!idPattern.test(id)) throw new Error('this is not the id of an upload');
    return join(this.#dataFolder, uploadFolder(organizationId, id));
  }

  /** The path of the bytes. Its end names the format. */
  pathOf({ organizationId, id, ...format }: Upload): string {
    return join(this.folderOf(organizationId, id), `data.${extensionOf(format)}`);
  }

  /** How many were begun before this one and are there, with those that are still arriving. */
  async placeOf(organizationId: number, id: string): Promise<number> {
    const ids = await this.#ids(organizationId);
    const begun = await Promise.all(
      ids.map(async (one) => {
        const found = await stat(this.folderOf(organizationId, one), { bigint: true }).catch(
          ignore,
        );
        return { id: one, atNs: found?.birthtimeNs ?? 0n };
      }),
    );
    const own = begun.find((one) => one.id === id)?.atNs ?? 0n;
    return begun.filter(({ id: one, atNs }) => atNs < own || (atNs === own && one < id)).length;
  }

  /** Removes all uploads but those with these ids. */
  async removeAllBut(kept: ReadonlySet<string>): Promise<void> {
    for (const organizationId of await this.#organizations()) {
      for (const id of await this.#ids(organizationId)) {
        if (!kept.has(id)) await this.remove(organizationId, id);
      }
    }
  }

  /** The uploads that have arrived, newest first. */
  async list(organizationId: number): Promise<readonly Upload[]> {
    const ids = await this.#ids(organizationId);
    const found = await Promise.all(ids.map((id) => this.find(organizationId, id)));
    return found
      .filter((upload) => upload !== undefined)
      .sort((one, other) => other.createdAtMs - one.createdAtMs || (one.id < other.id ? 1 : -1));
  }

  async find(organizationId: number, id: string): Promise<Upload | undefined> {
    if (!idPattern.test(id)) return undefined;
    const path = join(this.folderOf(organizationId, id), recordName);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const record = JSON.parse(text) as Omit<Upload, 'id' | 'organizationId'>;
    // Records of older versions lack the first two; such a file stays for a day at most.
    return { ...{ datasetId: null, readBy: null }, ...record, id, organizationId };
  }

  /** The file that the next run of a dataset reads: the one that was given to it last. */
  async findFor(organizationId: number, datasetId: number): Promise<Upload | undefined> {
    return (await this.givenTo(organizationId, datasetId))[0];
  }

  /** The files that were given to a dataset, the last one first. */
  async givenTo(organizationId: number, datasetId: number): Promise<readonly GivenUpload[]> {
    return (await this.list(organizationId))
      .flatMap(({ given, ...upload }) => (given === null ? [] : [{ ...upload, given }]))
      .filter(({ given }) => given.datasetId === datasetId)
      .sort((one, other) => other.given.atMs - one.given.atMs);
  }

  /** The file that a run has read, unless a later run has read it, too. */
  async findReadBy(organizationId: number, runId: string): Promise<Upload | undefined> {
    return (await this.list(organizationId)).find(({ readBy }) => readBy === runId);
  }

  /**
   * Writes the record of an upload, also of one that is given to a dataset.
   * @throws UsherError `storage_full`
   */
  async put({ id, organizationId, ...record }: Upload): Promise<void> {
    const path = join(this.folderOf(organizationId, id), recordName);
    await writeDurably(path, JSON.stringify(record));
  }

  /** @returns whether it was there */
  async remove(organizationId: number, id: string): Promise<boolean> {
    const folder = this.folderOf(organizationId, id);
    const isThere = existsSync(folder);
    await rm(folder, { recursive: true, force: true });
    return isThere;
  }

  /** Removes the file that a run has applied, and those that its dataset was given before. */
  async removeApplied(organizationId: number, runId: string): Promise<void> {
    const given = (await this.findReadBy(organizationId, runId))?.given ?? null;
    if (given === null) return;
    for (const one of await this.givenTo(organizationId, given.datasetId)) {
      if (one.given.atMs <= given.atMs) await this.remove(organizationId, one.id);
    }
  }

  /**
   * Removes files that are too old, whose run has ended, or that were broken off.
   * @param isStart whether the server starts, so that no upload is arriving
   */
  async removeOver(
    nowMs: number,
    { isStart, hasEnded }: { readonly isStart: boolean; readonly hasEnded: EndedTest },
  ): Promise<number> {
    let removed = 0;
    for (const organizationId of await this.#organizations()) {
      const over: string[] = [];
      for (const id of await this.#ids(organizationId)) {
        const upload = await this.find(organizationId, id);
        const isOver =
          upload === undefined
            ? isStart || (await this.#isBrokenOff(organizationId, id, nowMs))
            : await isUploadOver(upload, nowMs, hasEnded);
        if (isOver) over.push(id);
      }
      // Only now, because a file may be over due to one that was given later.
      for (const id of over) if (await this.remove(organizationId, id)) removed += 1;
      await rmdir(join(this.#dataFolder, dataFiles.uploads, String(organizationId))).catch(ignore);
    }
    return removed;
  }

  async #isBrokenOff(organizationId: number, id: string, nowMs: number): Promise<boolean> {
    const found = await stat(this.folderOf(organizationId, id)).catch(() => undefined);
    return found !== undefined && nowMs - found.mtimeMs > 2 * maxUploadMs;
  }

  async #organizations(): Promise<readonly number[]> {
    const names = await entriesOf(join(this.#dataFolder, dataFiles.uploads));
    return names.filter((name) => /^[1-9][0-9]{0,9}$/.test(name)).map(Number);
  }

  async #ids(organizationId: number): Promise<readonly string[]> {
    const folder = join(this.#dataFolder, dataFiles.uploads, String(organizationId));
    return (await entriesOf(folder)).filter((name) => idPattern.test(name));
  }
}

async function isUploadOver(upload: Upload, nowMs: number, hasEnded: EndedTest): Promise<boolean> {
  if (nowMs - upload.createdAtMs > uploadKeptMs) return true;
  const { given } = upload;
  return given !== null && hasEnded({ ...upload, given });
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  return existsSync(folder) ? readdir(folder) : [];
}

function ignore(): undefined {
  // The folder still has entries, or is gone by now.
  return undefined;
}
