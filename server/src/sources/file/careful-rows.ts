/**
 * The rows that a careful reading accepted: a JSON file in the workbench's folder with a line `[row
 * number - 1, ...]` for each row. The engine reads it in place of the source.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { UsherError } from '../../domain/errors.ts';

export class CarefulRows {
  readonly path: string;
  readonly #stream: WriteStream;
  #failure: Error | undefined;
  #lines: string[] = [];
  #length = 0;

  /** @param key the source file's */
  constructor(folder: string, key: string) {
    this.path = join(folder, `rows-${key}.ndjson`);
    this.#stream = createWriteStream(this.path, { mode: 0o600 });
    this.#stream.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  /** @param json the row as JSON on one line */
  add(rowIndex: number, json: string): Promise<void> | undefined {
    this.#lines.push(`[${rowIndex},${json}]\n`);
    this.#length += json.length;
    return this.#length > 1_048_576 ? this.#write() : undefined;
  }

  /** @throws UsherError `storage_full` */
  async end(): Promise<void> {
    await this.#write();
    this.#stream.end();
    try {
      await finished(this.#stream);
    } catch (cause) {
      this.#failure ??= cause instanceof Error ? cause : new Error('failed');
    }
    this.#refuse();
  }

  async #write(): Promise<void> {
    this.#refuse();
    const text = this.#lines.join('');
    this.#lines = [];
    this.#length = 0;
    if (this.#stream.write(text)) return;
    await new Promise<void>((resolve) => {
      this.#stream.once('drain', resolve);
      this.#stream.once('error', () => resolve());
    });
    this.#refuse();
  }

  #refuse(): void {
    if (this.#failure === undefined) return;
    throw new UsherError(
      'storage_full',
      'The disk is full, or its folder cannot be written. Free some space, then try again.',
      { cause: this.#failure },
    );
  }
}
