/** If a run fills the disk, its error says that what it applied stays. */
import assert from 'node:assert/strict';
import { rmSync, statfsSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mountSmallDisk } from '../stores/small-disk.ts';
import { ImportPlace } from './import-place.ts';

const rowCount = 8_000;

test('a run that fills the disk while it applies rows says that these stay', async (context) => {
  const disk = mountSmallDisk(context, 64);
  const place = new ImportPlace(context);
  symlinkSync(disk, place.dataFolder);
  const row = (n: number) => `p${n}@x.org,${'x'.repeat(1_000)}`;
  const rows = Array.from({ length: rowCount }, (_, n) => row(n));
  const path = place.write('people.csv', `email,note\n${rows.join('\n')}\n`);
  const ballast = join(disk, 'ballast');
  place.onApplying = () => {
    const { bavail, bsize } = statfsSync(disk);
    place.onApplying = () => undefined;
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - 4_500_000));
  };
  await assert.rejects(place.import(path), {
    code: 'storage_full',
    message:
      'The disk of the data folder is full. What the run applied stays, and the next run applies the rest. Free some space, then try again.',
  });
  rmSync(ballast);
  const { report } = await place.import(path);
  assert.equal(report.unchanged + report.added, rowCount);
  assert.ok(report.unchanged >= 1_000, 'what the run applied stayed');
});
