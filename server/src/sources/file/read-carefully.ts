/** Begins a careful reading of a file: its text, and a file for the rows that are accepted. */
import { join } from 'node:path';
import { LineFile } from '../line-file.ts';
import type { OpenOptions } from '../source.ts';
import type { SourceFile } from './source-file.ts';
import { detectEncoding, readText, readTextHead } from './text-encoding.ts';
import { scaledProgress, unpackFile } from './unpack-file.ts';

export interface CarefulReading {
  /** The file without compression. */
  readonly file: SourceFile;
  /** At least the first `headLength` characters, or all of a shorter text. */
  readonly head: string;
  readonly text: AsyncIterable<string>;
  /** The encoding, if some of the text is not valid in it. */
  readonly damagedEncoding: string | undefined;
  readonly notes: readonly string[];
  /**
   * Receives a line `[row number - 1, row]` for each row. The engine reads this file instead of the
   * source.
   */
  readonly rows: LineFile;
}

export async function readCarefully(
  packed: SourceFile,
  { workbench, onProgress }: OpenOptions,
  headLength: number,
): Promise<CarefulReading> {
  const file = await unpackFile(packed, workbench.folder, onProgress);
  const { encoding, damaged, notes } = await detectEncoding(file);
  return {
    file,
    head: await readTextHead(file, encoding, headLength),
    text: readText(file, encoding, scaledProgress(packed, file, onProgress)),
    damagedEncoding: damaged ? encoding : undefined,
    notes,
    rows: await LineFile.create(join(workbench.folder, `rows-${file.key}.ndjson`)),
  };
}
