/** Refuses files that are not text, such as a ZIP archive named `.csv`, by their first bytes. */
import { packings } from '../file-format.ts';
import { invalidSource } from '../source-failure.ts';

const foreign: readonly (readonly [bytes: readonly number[], words: string])[] = [
  ...Object.entries(packings).map(
    ([packing, { firstBytes, extension }]) =>
      [
        [...Buffer.from(firstBytes, 'hex')],
        `is compressed by ${packing}: its name must end in .${extension}`,
      ] as const,
  ),
  [[0x42, 0x5a, 0x68], 'is compressed by bzip2, which is not read: use gzip or zstd'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'is compressed by xz, which is not read: use gzip or zstd'],
  [
    [0x50, 0x4b, 0x03, 0x04],
    'is a ZIP archive or a spreadsheet: unpack it, or save the sheet as CSV',
  ],
  [[0xd0, 0xcf, 0x11, 0xe0], 'is a spreadsheet in an old format: save the sheet as CSV'],
  [[0x50, 0x41, 0x52, 0x31], 'is Parquet: its name must end in .parquet'],
  [[0x25, 0x50, 0x44, 0x46], 'is a PDF'],
  [[0x7f, 0x45, 0x4c, 0x46], 'is a program'],
  [[0xff, 0xfe, 0, 0], 'is written in UTF-32: write it in UTF-8'],
  [[0, 0, 0xfe, 0xff], 'is written in UTF-32: write it in UTF-8'],
];

/** Bytes examined. No text begins with that many zeros. */
const looked = 4_096;

/**
 * @param head the first bytes, unpacked
 * @throws UsherError `definition_invalid`
 */
export function requireText(name: string, head: Buffer): void {
  const found = foreign.find(([bytes]) => bytes.every((byte, index) => head[index] === byte));
  if (found !== undefined) throw invalidSource(`${name} ${found[1]}.`);
  const start = head.subarray(0, looked);
  if (start.length > 0 && start.every((byte) => byte === 0)) {
    throw invalidSource(`${name} begins with zeros only: writing it failed or has not finished.`);
  }
}
