/**
 * The hostile files that take long: rows of many megabytes, small files that expand to large ones,
 * and Parquet files with randomly changed bytes.
 */
import { test } from 'node:test';
import { flipped, hostileArchives, hostileParquet } from '../sources/hostile-bytes.ts';
import { hostileCsv } from '../sources/hostile-csv.ts';
import type { HostileFile } from '../sources/hostile-file.ts';
import { hostileJson } from '../sources/hostile-json.ts';
import { tryHostile } from '../sources/judge-hostile.ts';

const files = [...hostileCsv, ...hostileJson, ...hostileArchives, ...hostileParquet];

for (const file of files.filter(([, , , , pace]) => pace === 'slow')) {
  test(`${file[1]}: ${file[0]}`, { timeout: 300_000 }, (context) => tryHostile(file, context));
}

for (let seed = 100; seed < 300; seed += 1) {
  for (const part of ['data', 'footer'] as const) {
    const make = () => flipped(seed, part, 1 + (seed % 5));
    const file: HostileFile = [`bits flipped, ${seed}`, 'parquet', make, 'any'];
    test(`Parquet with random changes in its ${part}, ${seed}`, { timeout: 30_000 }, (context) =>
      tryHostile(file, context),
    );
  }
}
