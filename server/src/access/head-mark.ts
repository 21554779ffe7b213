/**
 * The mark of how far the access log goes: written and synced after each block, so that a log that
 * ends before its mark was cut, and a log that ends after it only lost what a crash kept from the
 * disk. Two slots take turns, and each fits in a sector, so that a power cut leaves one whole.
 */
import { existsSync } from 'node:fs';
import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles } from '../domain/data-files.ts';
import { syncFolder } from '../stores/durable-file.ts';
import { type AccessKeys, hashBytes } from './access-keys.ts';

export interface HeadMark {
  /** The last block that was synced, and its hash. */
  readonly block: number;
  readonly hash: Buffer;
  readonly file: number;
}

const slotBytes = 4_096;
const at = { block: 0, file: 4, hash: 8, signature: 40, end: 72 } as const;

export class HeadMarkFile {
  readonly #file: FileHandle;
  readonly #keys: AccessKeys;

  private constructor(file: FileHandle, keys: AccessKeys) {
    this.#file = file;
    this.#keys = keys;
  }

  static async open(folder: string, keys: AccessKeys): Promise<HeadMarkFile> {
    const path = join(folder, dataFiles.accessMark);
    if (existsSync(path)) return new HeadMarkFile(await open(path, 'r+'), keys);
    const file = await open(path, 'w+', 0o600);
    await file.write(Buffer.alloc(2 * slotBytes), 0, 2 * slotBytes, 0);
    await file.sync();
    await syncFolder(folder);
    return new HeadMarkFile(file, keys);
  }

  async write(mark: HeadMark): Promise<void> {
    const slot = Buffer.alloc(at.end);
    slot.writeUInt32LE(mark.block, at.block);
    slot.writeUInt32LE(mark.file, at.file);
    mark.hash.copy(slot, at.hash);
    this.#keys.sign(slot.subarray(0, at.signature)).copy(slot, at.signature);
    await this.#file.write(slot, 0, slot.length, (mark.block % 2) * slotBytes);
    await this.#file.datasync();
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** `undefined`: no block was written yet. `null`: the file is missing or damaged. */
export async function readHeadMark(
  folder: string,
  keys: AccessKeys,
): Promise<HeadMark | null | undefined> {
  const path = join(folder, dataFiles.accessMark);
  if (!existsSync(path)) return null;
  const bytes = await readFile(path);
  if (bytes.length !== 2 * slotBytes) return null;
  const slots = [0, slotBytes].map((start) => readSlot(bytes.subarray(start), keys));
  if (slots.includes(null)) return null;
  const marks = slots.filter((slot): slot is HeadMark => slot !== undefined && slot !== null);
  return marks.toSorted((a, b) => b.block - a.block)[0];
}

function readSlot(bytes: Buffer, keys: AccessKeys): HeadMark | null | undefined {
  const slot = bytes.subarray(0, at.end);
  const rest = bytes.subarray(at.end, slotBytes);
  if (rest.some((byte) => byte !== 0)) return null;
  if (slot.every((byte) => byte === 0)) return undefined;
  const signature = slot.subarray(at.signature, at.end);
  if (!keys.isSigned(slot.subarray(0, at.signature), signature)) return null;
  return {
    block: slot.readUInt32LE(at.block),
    file: slot.readUInt32LE(at.file),
    hash: Buffer.from(slot.subarray(at.hash, at.hash + hashBytes)),
  };
}
