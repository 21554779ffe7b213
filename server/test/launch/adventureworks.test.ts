/**
 * The example `adventureworks`: its definitions are valid, and if its data is present, its page
 * does what it says.
 */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { root } from '../docs/pages.ts';
import { runPage } from './run-page.ts';
import { makeDataFolder, mustRunUsher } from './run-usher.ts';
import { startPostgres } from './start-postgres.ts';

const dataFolder = join(root, '../shared/data/adventureworks');

for (const file of ['usher.yaml', 'usher-postgresql.yaml']) {
  test(`${file} of the example can be applied`, async (context) => {
    const path = join(root, 'examples/adventureworks', file);
    const printed = await mustRunUsher(makeDataFolder(context), ['apply', '-f', path, '--dry-run']);
    assert.match(printed, /\+ {7}revenue_lifetime: \{ type: currency \}/);
  });
}

test('every step of the example prints what its page shows, if its data is present', {
  timeout: 600_000,
}, async (context) => {
  if (!existsSync(dataFolder)) {
    context.diagnostic('the data is not present, so nothing was tested');
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'usher-adventureworks-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const database = await startPostgres();
  context.after(() => database.close());
  const { port, user, password } = database;
  await runPage('examples/adventureworks/README.md', folder, {
    environment: {
      ...{ PGHOST: '127.0.0.1', PGPORT: String(port), PGUSER: user, PGPASSWORD: password },
      ADVENTUREWORKS_URL: database.url('adventureworks'),
    },
    copied: () => {
      for (const file of globSync(join(dataFolder, '*.csv'))) {
        copyFileSync(file, join(folder, 'my-shop', basename(file)));
      }
    },
  });
});
