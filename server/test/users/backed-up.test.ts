/** A backup keeps users, and no session and no link: a restore must not bring them back. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openCatalog, openCatalogFiles } from '../../src/catalog/open-catalog.ts';
import { inviteUser } from '../../src/users/manage-users.ts';
import { userKeysOf } from '../../src/users/user-keys.ts';
import { startApi } from '../http/start-api.ts';
import { makeUser, operatorOf } from './console-client.ts';

test('the copy of a catalog has its users, but no session and no link', async (t) => {
  const api = await startApi(t);
  const { client, id } = await makeUser(api, 'admin');
  const { link } = await inviteUser(operatorOf(api), { email: 'eve@example.com', role: 'admin' });
  const folder = mkdtempSync(join(tmpdir(), 'usher-copy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const files = await openCatalogFiles({ kind: 'sqlite', dataFolder: api.dataFolder });
  await files.copyTo(folder);
  const keys = await userKeysOf(api.dataFolder)();
  const session = keys.digest('session', client.cookies.get('usher-session') ?? '');
  const linked = keys.digest('link', link.split('#')[1] ?? '');
  const bytes = readFileSync(join(folder, files.fileName), 'latin1');
  assert.ok(!bytes.includes(session) && !bytes.includes(linked), 'not even in free space');
  const copy = await openCatalog({ kind: 'sqlite', dataFolder: folder }, 0);
  t.after(() => copy.close());
  await copy.readUsers(async (view) => {
    assert.equal((await view.findUser({ id }))?.role, 'admin');
    assert.equal(await view.findSession(session), undefined);
    assert.equal(await view.findLink(linked), undefined);
  });
  assert.equal((await client.call({ path: '/session' })).status, 200, 'the original keeps them');
});
