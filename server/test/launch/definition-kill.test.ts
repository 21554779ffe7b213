/** Servers and commands that are killed while definitions change. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RandomSource } from '../membership/naive/random-source.ts';
import { killApply, killServerAtEdit, makeKilledFolder } from './kill-definitions.ts';

test('after a kill during an edit each definition is whole, and all threads agree', {
  timeout: 240_000,
}, async (t) => {
  const seed = Number(process.env['USHER_TEST_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`USHER_TEST_SEED=${seed}`);
  const random = new RandomSource(seed);
  const folder = await makeKilledFolder(t);
  let edits = 0;
  while (edits <= 60) edits = await killServerAtEdit(folder, random, edits);
});

test('a command that is killed while it applies a file changes all of it or nothing', {
  timeout: 240_000,
}, async (t) => {
  const folder = await makeKilledFolder(t);
  let killed = 0;
  for (let call = 1; call < 60; call += 12) killed += Number(await killApply(folder, call, call));
  assert.ok(killed >= 3, `${killed} were killed`);
});
