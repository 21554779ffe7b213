/**
 * The example `adventureworks`: its definitions are valid, and if its data is present, its pages
 * do what they say.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { root } from '../docs/pages.ts';
import { runPage } from './run-page.ts';
import { makeDataFolder, mustRunUsher } from './run-usher.ts';
import { startPostgres } from './start-postgres.ts';

const dataFolder = join(root, '../shared/data/adventureworks');

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

test('every step of the example prints what its page shows, if its data is present', {
  timeout: 600_000,
}, async (context) => {
  const shop = makeShop(context);
  if (shop === undefined) return;
  const database = await startPostgres();
  context.after(() => database.close());
  const { port, user, password } = database;
  await runPage('examples/adventureworks/README.md', shop.folder, {
    environment: {
      ...{ PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: user, PGPASSWORD: password },
      ADVENTUREWORKS_URL: database.url('adventureworks'),
    },
    copied: shop.copyData,
  });
});

test('the segment and the flow of the example have the counts of its query, if its data is present', {
  timeout: 300_000,
}, async (context) => {
  const shop = makeShop(context);
  if (shop === undefined) return;
  const { folder, copyData } = shop;
  await runPage('examples/adventureworks/win-back.md', folder, { copied: copyData });
});

/** `undefined`: the data is not present. */
function makeShop(context: TestContext) {
  if (!existsSync(dataFolder)) {
    context.diagnostic('the data is not present, so nothing was tested');
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'usher-adventureworks-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const copyData = () => {
    for (const file of globSync(join(dataFolder, '*.csv'))) {
      copyFileSync(file, join(folder, 'my-shop', basename(file)));
    }
  };
  return { folder, copyData };
}
