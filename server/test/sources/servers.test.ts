/** The database servers that other tests use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startMariadb } from '../launch/start-mariadb.ts';
import { startPostgres } from '../launch/start-postgres.ts';

for (const [name, start] of [
  ['PostgreSQL', startPostgres],
  ['MariaDB', startMariadb],
] as const) {
  test(`a test's own ${name} keeps its data through a crash`, async (t) => {
    const database = await start();
    t.after(() => database.close());
    await database.run('create table kept (x int); insert into kept values (7);');
    await database.crash();
    await assert.rejects(database.run('select x from kept'));
    await database.start();
    assert.equal((await database.run('select x from kept')).trim(), '7');
  });
}
