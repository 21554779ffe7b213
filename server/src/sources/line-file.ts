/** Writes lines to a new file, in pieces of about 1 MB. */
import { type FileHandle, open } from 'node:fs/promises';
import { codeOf, unwritable, writingFailure } from './source-failure.ts';

const pieceLength = 1_048_576;

export class LineFile implements AsyncDisposable {
  readonly path: string;
  /** Lines that were added. */
  count = 0;
  readonly #file: FileHandle;
  readonly #onBytes: (bytes: number) => void;
  #text = '';

  private constructor(path: string, file: FileHandle, onBytes: (bytes: number) => void) {
    this.path = path;
    this.#file = file;
    this.#onBytes = onBytes;
  }

  /**
   * @param onBytes receives the size of each piece; if it throws, writing ends
   * @throws UsherError `storage_full`, `store_unavailable`, like `add` and `end`
   */
  static async create(
    path: string,
    onBytes: (bytes: number) => void = () => undefined,
  ): Promise<LineFile> {
    return new LineFile(path, await withRoom(open(path, 'w', 0o600)), onBytes);
  }

  /** Adds a line. If this returns a promise, await it before you add the next line. */
  add(line: string): Promise<void> | undefined {
    this.#text += `${line}\n`;
    this.count += 1;
    return this.#text.length > pieceLength ? this.#write() : undefined;
  }

  /** Writes the remaining lines and closes the file. Disposal alone drops them. */
  async end(): Promise<void> {
    await this.#write();
    await this.#file.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #write(): Promise<void> {
    const piece = Buffer.from(this.#text, 'utf8');
    this.#text = '';
    this.#onBytes(piece.length);
    await withRoom(this.#file.appendFile(piece));
  }
}

async function withRoom<T>(writing: Promise<T>): Promise<T> {
  try {
    return await writing;
  } catch (cause) {
    throw writingFailure(cause) ?? unwritable(codeOf(cause) ?? 'unknown error', cause);
  }
}
