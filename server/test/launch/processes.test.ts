/**
 * A server, imports, token changes and look-ups at the same time, in several processes. One of them
 * is killed.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { mustRunCommand } from './run-command.ts';
import { makeDataFolder, runUsher, spawnUsher, startUsher } from './run-usher.ts';

const rowCount = 20_000;

function contactsFile(prefix: string): string {
  const rows = Array.from({ length: rowCount }, (_, row) => `${prefix}${row}@example.com,${row}`);
  return `email,number\n${rows.join('\n')}\n`;
}

test('concurrent imports, token changes and look-ups lose nothing, even if an import is killed', async (t) => {
  const data = makeDataFolder(t);
  const token = await mustRunCommand(data, ['token', 'create', '--email', 'reader@example.com']);
  await mustRunCommand(data, ['organization', 'set', 'default', '--rate-limit', '100000']);
  const folder = join(data, '..');
  for (const name of ['first', 'second', 'killed']) {
    await writeFile(join(folder, `${name}.csv`), contactsFile(name));
  }
  const server = await startUsher(data, { USHER_WORKERS: '2' });
  t.after(() => server.stop());

  // Three datasets with fields of their own.
  const importOf = (name: string) => [
    'import',
    join(folder, `${name}.csv`),
    '--prefix',
    `${name}_`,
  ];
  const doomed = spawnUsher(data, importOf('killed'));
  const imports = ['first', 'second'].map((name) => runUsher(data, importOf(name)));
  const tokens = Array.from({ length: 4 }, (_, number) =>
    runUsher(data, ['token', 'create', '--email', `maker${number}@example.com`]),
  );
  let isDone = false;
  const statuses = new Map<number, number>();
  const lookups = (async () => {
    while (!isDone) {
      const answer = await fetch(
        `${server.url}/audience/v2/contacts?identity=email:first1@example.com`,
        {
          headers: { authorization: `Bearer ${token}` },
        },
      );
      await answer.arrayBuffer();
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    }
  })();
  setTimeout(() => doomed.kill('SIGKILL'), 1_500);
  for (const { code, stderr } of await Promise.all([...imports, ...tokens])) {
    assert.equal(code, 0, stderr);
  }
  isDone = true;
  await lookups;
  assert.deepEqual(
    [...statuses.keys()].filter((status) => status !== 200 && status !== 404),
    [],
  );

  // The killed import is repeated and completes, so it has left no lock behind.
  await mustRunCommand(data, importOf('killed'));
  for (const name of ['first', 'second', 'killed']) {
    for (const row of [0, rowCount / 2, rowCount - 1]) {
      const shown = await mustRunCommand(data, [
        'get',
        `email:${name}${row}@example.com`,
        '--fields',
        `${name}_number`,
        '--json',
      ]);
      assert.equal(JSON.parse(shown).contact[`${name}_number`], row);
    }
  }
  const listed: unknown[] = JSON.parse(await mustRunCommand(data, ['token', 'list', '--json']));
  assert.equal(listed.length, 5);
});
