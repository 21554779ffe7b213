/**
 * A load into an empty store need not wait for the disk: it commits without a flush, and flushes
 * meanwhile. Until everything is flushed, the file `contacts.loading` names the boot of the system.
 * If the process is killed, the system still has what it committed, and the next writer flushes it.
 * After a power cut nobody knows what is on the disk. Then the store is removed, so that it is as
 * empty as before the load.
 */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { dataFiles } from '../../../domain/data-files.ts';
import { readBootId } from '../../boot-id.ts';
import { readLoadNote } from '../../find-store.ts';

/**
 * Flushes, or removes, what an unflushed load has left behind. Call it under the writer lock,
 * before the store is opened.
 */
export function settleLoad(dataFolder: string): void {
  const noted = readLoadNote(dataFolder);
  if (noted === undefined) return;
  if (noted === readBootId()) {
    flushFile(storePath(dataFolder), 'r+');
  } else {
    rmSync(storePath(dataFolder), { force: true });
    rmSync(join(dataFolder, dataFiles.contactsLock), { force: true });
    // Gone before the note: otherwise a later load would be removed instead.
    flushFile(dataFolder, 'r');
  }
  removeNote(dataFolder);
}

export class UnflushedLoad {
  readonly #dataFolder: string;
  readonly #file: number;
  #isFlushing = false;
  #isEnded = false;
  #failure: unknown;

  /** Begins a load; `undefined` if this system cannot tell a restart. The store must be empty. */
  static begin(dataFolder: string): UnflushedLoad | undefined {
    const bootId = readBootId();
    return bootId === undefined ? undefined : new UnflushedLoad(dataFolder, bootId);
  }

  private constructor(dataFolder: string, bootId: string) {
    this.#dataFolder = dataFolder;
    const note = openSync(notePath(dataFolder), 'w', 0o600);
    try {
      writeSync(note, bootId);
      fsyncSync(note);
    } finally {
      closeSync(note);
    }
    flushFile(dataFolder, 'r');
    this.#file = openSync(storePath(dataFolder), 'r+');
  }

  /** Flushes beside the next transactions, so that little is left at the end. */
  flushMeanwhile(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    fdatasync(this.#file, (error) => {
      this.#isFlushing = false;
      this.#failure ??= error ?? undefined;
      if (this.#isEnded) closeSync(this.#file);
    });
  }

  /** Flushes everything. Afterwards the load is as durable as other writes. */
  end(): void {
    // The system reports a failure once: after it, nobody knows what was written.
    if (this.#failure !== undefined) throw this.#failure;
    try {
      fdatasyncSync(this.#file);
    } catch (error) {
      this.#failure = error;
      throw error;
    }
    this.#isEnded = true;
    if (!this.#isFlushing) closeSync(this.#file);
    removeNote(this.#dataFolder);
  }
}

function storePath(dataFolder: string): string {
  return join(dataFolder, dataFiles.contacts);
}

function notePath(dataFolder: string): string {
  return join(dataFolder, dataFiles.loading);
}

function removeNote(dataFolder: string): void {
  rmSync(notePath(dataFolder), { force: true });
  flushFile(dataFolder, 'r');
}

/** @param path of a file or a folder */
function flushFile(path: string, flags: 'r' | 'r+'): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
