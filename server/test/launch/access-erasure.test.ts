/** People who are erased leave the access log, with a server, without one, and by a restore. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { verifyAccess } from '../../src/access/verify-access.ts';
import type { LookView } from '../../src/administration/contact/list-looks.ts';
import { mustRunCommand, runCommand } from './run-command.ts';
import { makeDataFolder, startUsher, waitFor } from './run-usher.ts';

const people =
  'user_id,email,first_name\n1,tom@hello.com,Tom\n2,zoe@hello.com,Zoe\n3,max@hello.com,Max\n';

async function prepare(t: TestContext) {
  const data = makeDataFolder(t);
  const file = `${data}.csv`;
  await writeFile(file, people);
  await mustRunCommand(data, ['identity-type', 'create', 'user_id']);
  const identifiers = ['--identifier', 'user_id=user_id', '--identifier', 'email=email'];
  await mustRunCommand(data, ['import', file, '--dataset', 'crm', ...identifiers, '--yes']);
  rmSync(file);
  const token = await mustRunCommand(data, ['token', 'create', '--email', 'test@example.com']);
  return { data, token };
}

/** Looks at each identity once, while a server runs; then `work` runs beside it. */
async function serveAndLook(
  { data, token }: { readonly data: string; readonly token: string },
  identities: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const server = await startUsher(data);
  try {
    for (const identity of identities) {
      const headers = { authorization: `Bearer ${token}` };
      await fetch(`${server.url}/audience/v2/contacts?identity=${identity}`, { headers });
    }
    await work();
  } finally {
    await server.stop();
  }
}

async function list(data: string, ...identity: string[]): Promise<LookView[]> {
  return JSON.parse(await mustRunCommand(data, ['access', 'list', ...identity, '--json']));
}

async function erased(data: string): Promise<number> {
  return (await list(data)).filter(({ subject }) => subject === null).length;
}

const looks = ['email:tom@hello.com', 'user_id:1', 'email:zoe@hello.com', 'email:no@hello.com'];

test('an erasure takes a person out of the log, beside a server and without one', async (t) => {
  const { data, token } = await prepare(t);
  await serveAndLook({ data, token }, looks, async () => {
    await waitFor(async () => ((await list(data)).length === 4 ? true : undefined), 10_000);
    assert.equal((await list(data, 'email:tom@hello.com')).length, 2);
    assert.equal((await list(data, 'email:no@hello.com')).length, 1);
    await mustRunCommand(data, ['privacy', 'erase', 'email:tom@hello.com', '--yes']);
    await waitFor(async () => ((await erased(data)) === 2 ? true : undefined), 20_000);
  });
  assert.deepEqual(await list(data, 'email:tom@hello.com'), []);
  assert.equal((await list(data, 'email:zoe@hello.com')).length, 1);
  await mustRunCommand(data, ['privacy', 'erase', 'email:zoe@hello.com', '--yes']);
  assert.equal(await erased(data), 3);
  // Somebody who was never found can be erased from the log, too.
  await runCommand(data, ['privacy', 'erase', 'email:no@hello.com', '--yes']);
  assert.equal(await erased(data), 4);
  const { fault, entries, redacted } = await verifyAccess(data);
  assert.deepEqual([fault, entries, redacted], [null, 4, 4]);
  assert.deepEqual(readdirSync(join(data, 'access', 'erasures')), []);
});

test('looks at contacts that were joined leave with the one contact that they are', async (t) => {
  const { data, token } = await prepare(t);
  await serveAndLook({ data, token }, looks, async () => undefined);
  await mustRunCommand(data, ['contact', 'merge', 'email:tom@hello.com', 'email:zoe@hello.com']);
  assert.equal((await list(data, 'user_id:2')).length, 3);
  await mustRunCommand(data, ['privacy', 'erase', 'user_id:2', '--yes']);
  assert.equal(await erased(data), 3);
  assert.equal((await verifyAccess(data)).fault, null);
});

test('a backup holds the log, and a restore takes those out who were erased since', async (t) => {
  const { data, token } = await prepare(t);
  const backup = join(dirname(data), 'backup');
  await serveAndLook({ data, token }, looks, async () => {
    await waitFor(async () => ((await list(data)).length === 4 ? true : undefined), 10_000);
    await mustRunCommand(data, ['backup', backup]);
  });
  await mustRunCommand(data, ['privacy', 'erase', 'email:tom@hello.com', '--yes']);
  const restored = join(dirname(data), 'restored');
  mkdirSync(restored, { mode: 0o700 });
  const lists = readdirSync(join(data, 'suppression')).filter((name) => name.endsWith('.list'));
  const [own = ''] = lists.map((name) => join(data, 'suppression', name));
  await mustRunCommand(restored, ['restore', backup, '--suppression', own]);
  assert.equal((await verifyAccess(restored)).fault, null);
  await serveAndLook({ data: restored, token }, ['email:max@hello.com'], async () => {
    await waitFor(async () => ((await erased(restored)) === 2 ? true : undefined), 20_000);
  });
  const { fault, entries, end } = await verifyAccess(restored);
  assert.deepEqual([fault, entries, end], [null, 5, 'closed']);
  assert.equal((await list(restored, 'email:zoe@hello.com')).length, 1);
  const files = readdirSync(join(restored, 'access')).filter((name) => name.endsWith('.log'));
  assert.ok(files.length > 1 && readFileSync(join(restored, 'access', files[0] ?? '')).length > 0);
});
