/** A file that is written from its beginning to its end. A full disk throws `storage_full`. */
import { closeSync, openSync, writeSync } from 'node:fs';
import { writingFailure } from '../../sources/source-failure.ts';

export class WrittenFile {
  readonly #descriptor: number;
  #isOpen = true;

  /**
   * Creates or empties the file.
   * @throws UsherError `storage_full`, `store_unavailable`
   */
  constructor(path: string) {
    this.#descriptor = named(() => openSync(path, 'w', 0o600));
  }

  /** @throws UsherError `storage_full`, `store_unavailable` */
  write(bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length) {
      written += named(() => writeSync(this.#descriptor, bytes, written));
    }
  }

  /** May be called twice. */
  close(): void {
    if (this.#isOpen) closeSync(this.#descriptor);
    this.#isOpen = false;
  }
}

function named<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw writingFailure(cause) ?? cause;
  }
}
