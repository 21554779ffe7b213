/**
 * Malicious and damaged files. Each is read, or refused with an explanation, in bounded time and
 * memory. No message shows a value of the file, and a refusal leaves the store unchanged.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { makeDataFolder, runUsher } from '../launch/run-usher.ts';
import { ImportPlace } from '../sync/import-place.ts';
import { hostileArchives, hostileParquet } from './hostile-bytes.ts';
import { hostileCsv, noise } from './hostile-csv.ts';
import { canary } from './hostile-file.ts';
import { hostileJson } from './hostile-json.ts';
import { judgeHostile, maxProcessBytes, tryHostile } from './judge-hostile.ts';

const files = [...hostileCsv, ...hostileJson, ...hostileArchives, ...hostileParquet];

for (const file of files.filter(([, , , , pace]) => pace !== 'slow')) {
  const [name, extension] = file;
  test(`${extension}: ${name}`, { timeout: 30_000 }, (context) => tryHostile(file, context));
}

type Place = (folder: string, path: string) => unknown;

const emptyOf8Gb: Place = (_, path) => {
  writeFileSync(path, '');
  truncateSync(path, 8_589_934_592);
};

/** Paths that are not files, or not the files that they seem to be. */
const paths: readonly (readonly [name: string, file: string, make: Place, RegExp])[] = [
  ['a folder named like a file', 'x.csv', (_, path) => mkdirSync(path), /is not a file|No file/],
  ['a pipe', 'x.csv', (_, path) => execFileSync('mkfifo', [path]), /x\.csv is not a file/],
  [
    'a device',
    'x.csv',
    (_, path) => symlinkSync('/dev/zero', path),
    /is not a file|is a link to a file outside/,
  ],
  [
    'a link to itself',
    'x.csv',
    (_, path) => symlinkSync('x.csv', path),
    /cannot be read|does not exist/,
  ],
  [
    'a link to nothing',
    'x.csv',
    (_, path) => symlinkSync('y.csv', path),
    /does not exist|leads nowhere/,
  ],
  [
    'a file of the kernel',
    'x.csv',
    (_, path) => symlinkSync('/proc/self/environ', path),
    /is empty|is a link to a file outside/,
  ],
  ['no bytes', 'x.csv', (_, path) => writeFileSync(path, ''), /x\.csv is empty/],
  ['8 GB of zeros', 'x.csv', emptyOf8Gb, /begins with zeros only/],
  ['8 GB of zeros named .json', 'x.json', emptyOf8Gb, /begins with zeros only/],
  ['8 GB of zeros named .parquet', 'x.parquet', emptyOf8Gb, /not a Parquet file/],
  [
    'a path through a file',
    'y/x.csv',
    (folder) => writeFileSync(join(folder, 'y'), ''),
    /cannot be read|No file/,
  ],
  ['a name that is too long', `${'x'.repeat(300)}.csv`, () => '', /cannot be read|No file/],
  ['a name that moves the cursor', '\u001b[2J\n.csv', () => '', /does not exist|No file/],
];

for (const [name, file, make, words] of paths) {
  test(`path: ${name}`, { timeout: 20_000 }, async (context) => {
    const place = new ImportPlace(context);
    const path = join(place.folder, file);
    make(place.folder, path);
    for (const ask of [
      () => place.import(path),
      () => place.importDefined({ kind: 'file', paths: [path] }),
      () => place.importDefined({ kind: 'file', paths: [path.replace(/[.](?=\w+$)/, '[.]')] }),
    ]) {
      await judgeHostile([name, '', () => '', words], place, ask);
    }
  });
}

test('the command reports one refusal, shows no value and leaves no file behind', {
  timeout: 60_000,
}, async (context) => {
  const data = makeDataFolder(context);
  for (const [name, content] of [
    ['noise.csv', noise(100_000)],
    ['cut.csv.gz', gzipSync(`email,name\na@x.org,${canary}\n`).subarray(0, 30)],
    ['broken.parquet', 'PAR1 and nothing else'],
    ['deep.json', '['.repeat(200_000)],
  ] as const) {
    const path = join(data, '..', name);
    writeFileSync(path, content);
    const { code, stdout, stderr } = await runUsher(data, ['import', path]);
    assert.equal(code, 1, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /^error|^No column|^usher|\w/);
    assert.doesNotMatch(stderr, new RegExp(`${canary}|Error:|at .*\\.ts:`));
  }
});

test('reading all hostile files takes little memory', () => {
  const { maxRSS } = process.resourceUsage();
  assert.ok(maxRSS * 1_024 < maxProcessBytes, `${Math.round(maxRSS / 1_024)} MB`);
});
