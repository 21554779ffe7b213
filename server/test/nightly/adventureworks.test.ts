/** The example `adventureworks`: if its data is present, its first page does what it says. */
import { test } from 'node:test';
import { makeShop } from '../launch/make-shop.ts';
import { runPage } from '../launch/run-page.ts';
import { startPostgres } from '../launch/start-postgres.ts';

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
