/**
 * The example `adventureworks`: its definitions are valid, and if its data is present, its second
 * page does what it says. `nightly/adventureworks.test.ts` tries the first one.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { root } from '../docs/pages.ts';
import { makeShop } from './make-shop.ts';
import { runPage } from './run-page.ts';
import { makeDataFolder, mustRunUsher } from './run-usher.ts';

for (const file of ['usher.yaml', 'usher-postgresql.yaml']) {
  test(`${file} of the example can be applied`, async (context) => {
    const printed = await mustRunUsher(makeDataFolder(context), dryRun(file));
    assert.match(printed, /\+ {7}revenue_lifetime: \{ type: currency \}/);
  });
}

test('recent-orders.yaml of the example adds the territory to usher.yaml', async (context) => {
  const data = makeDataFolder(context);
  await mustRunUsher(data, dryRun('usher.yaml').slice(0, -1));
  assert.match(await mustRunUsher(data, dryRun('recent-orders.yaml')), /\+ .*territory/);
});

function dryRun(file: string): readonly string[] {
  return ['apply', '-f', join(root, 'examples/adventureworks', file), '--dry-run'];
}

test('the segment and the flow of the example have the counts of its query, if its data is present', {
  timeout: 300_000,
}, async (context) => {
  const shop = makeShop(context);
  if (shop === undefined) return;
  const { folder, copyData } = shop;
  await runPage('examples/adventureworks/win-back.md', folder, { copied: copyData });
});
