/** The build of the server (`server/scripts/build-server.ts`), which `npm test` makes before. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildRecord, currentBuild } from '../../bin/current-build.js';
import { makeDataFolder, runUsher } from './run-usher.ts';

const server = join(import.meta.dirname, '../..');

test('an error of a command that runs from the build names its place in the sources', async (t) => {
  assert.notEqual(currentBuild(server), undefined, 'Run "npm run build:server" first.');
  const command = ['token', 'list', '--log-level', 'debug'];
  const { stderr } = await runUsher(makeDataFolder(t), command);
  const [, file = '', line] = /at requireCatalog \((file:.+\.ts):(\d+):\d+\)/.exec(stderr) ?? [];
  const source = readFileSync(fileURLToPath(file), 'utf8').split('\n');
  assert.match(source[Number(line) - 1] ?? '', /throw new UsherError/);
});

test('a build is used only as long as no source has changed', (t) => {
  const folder = makeDataFolder(t);
  mkdirSync(join(folder, 'src'), { recursive: true });
  mkdirSync(join(folder, 'dist'));
  assert.equal(currentBuild(folder), undefined);
  const source = join(folder, 'src', 'main.ts');
  writeFileSync(source, 'one');
  const { size, mtimeMs } = statSync(source);
  const record = { folder: 'build-1', files: [['src/main.ts', size, mtimeMs]] };
  writeFileSync(join(folder, 'dist', buildRecord), JSON.stringify(record));
  assert.equal(currentBuild(folder), join(folder, 'dist', 'build-1'));
  utimesSync(source, new Date(), new Date(mtimeMs + 1_000));
  assert.equal(currentBuild(folder), undefined);
  rmSync(source);
  assert.equal(currentBuild(folder), undefined);
  rmSync(join(folder, 'src'), { recursive: true });
  assert.equal(currentBuild(folder), join(folder, 'dist', 'build-1'), 'an installed package');
});
