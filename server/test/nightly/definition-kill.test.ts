/** Servers and commands that are killed many times while definitions change. */
import { test } from 'node:test';
import { killApply, killServerAtEdit, makeKilledFolder } from '../launch/kill-definitions.ts';
import { RandomSource } from '../membership/naive/random-source.ts';

test('after 60 kills during edits each definition is whole, and all threads agree', async (t) => {
  const seed = Number(process.env['USHER_TEST_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`USHER_TEST_SEED=${seed}`);
  const random = new RandomSource(seed);
  const folder = await makeKilledFolder(t);
  let edits = 0;
  for (let kill = 0; kill < 60; kill += 1) edits = await killServerAtEdit(folder, random, edits);
});

test('a command that is killed at any write applies all of a file or nothing', async (t) => {
  const folder = await makeKilledFolder(t);
  for (let call = 1; await killApply(folder, call, call); call += 1);
});
