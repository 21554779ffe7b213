/** Writes rows to the CSV file that `fetched-rows.ts` reads, in pieces of about 1 MB. */
import { type FileHandle, open } from 'node:fs/promises';

const pieceLength = 1_048_576;
const special = /[",\n\r]/;

export class CsvRows {
  readonly #file: FileHandle;
  readonly #onBytes: (bytes: number) => void;
  #text = '';
  #rows = 0;

  private constructor(file: FileHandle, onBytes: (bytes: number) => void) {
    this.#file = file;
    this.#onBytes = onBytes;
  }

  /** @param onBytes receives the size of each piece; if it throws, writing ends */
  static async create(path: string, onBytes: (bytes: number) => void): Promise<CsvRows> {
    return new CsvRows(await open(path, 'w', 0o600), onBytes);
  }

  get rows(): number {
    return this.#rows;
  }

  /** If it returns a promise, wait for it before the next row. */
  add(cells: readonly (string | null)[]): Promise<void> | undefined {
    let line = '';
    for (const [index, cell] of cells.entries()) {
      if (index > 0) line += ',';
      line += cell === null ? '\\N' : quoted(cell);
    }
    this.#text += `${line}\n`;
    this.#rows += 1;
    return this.#text.length > pieceLength ? this.#write() : undefined;
  }

  /** Writes the remaining rows and closes the file. `close` alone drops them. */
  async end(): Promise<void> {
    await this.#write();
    await this.close();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async #write(): Promise<void> {
    const piece = Buffer.from(this.#text, 'utf8');
    this.#text = '';
    this.#onBytes(piece.length);
    await this.#file.appendFile(piece);
  }
}

function quoted(text: string): string {
  if (text === '' || text === '\\N') return `"${text}"`;
  return special.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
