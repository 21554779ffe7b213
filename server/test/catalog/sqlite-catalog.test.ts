/** The catalog contract on SQLite, and the behaviour of a file that many processes open. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import SqliteDatabase, { SqliteError } from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { Migrator } from 'kysely/migration';
import { exportCatalog } from '../../src/administration/document/apply-catalog.ts';
import { createFlow } from '../../src/administration/flow/flows.ts';
import { createComputedField } from '../../src/administration/rule/computed-fields.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
import { openCatalog } from '../../src/catalog/open-catalog.ts';
import { whenFree } from '../../src/catalog/sqlite/database-errors.ts';
import { migrations } from '../../src/catalog/sqlite/migrations.ts';
import type { UsherError } from '../../src/domain/errors.ts';
import { catalogContract } from '../contracts/catalog-contract.ts';

function inFolder() {
  const dataFolder = mkdtempSync(join(tmpdir(), 'usher-catalog-'));
  return {
    path: join(dataFolder, 'catalog.sqlite'),
    dataFolder,
    open: () => openCatalog({ kind: 'sqlite', dataFolder }, 1_700_000_000_000),
    [Symbol.dispose]: () => rmSync(dataFolder, { recursive: true }),
  };
}

catalogContract({
  name: 'sqlite',
  open: async () => {
    const folder = inFolder();
    const catalog = await folder.open();
    const remove = async () => {
      await catalog.close();
      folder[Symbol.dispose]();
    };
    return { catalog, again: folder.open, remove };
  },
});

test('only the owner can read the files of a catalog', async () => {
  using folder = inFolder();
  const catalog = await folder.open();
  await catalog.readRevision();
  const names = readdirSync(folder.dataFolder);
  assert.ok(
    names.includes('catalog.sqlite-wal'),
    'the write-ahead log exists while the catalog is open',
  );
  for (const name of names) {
    assert.equal(statSync(join(folder.dataFolder, name)).mode & 0o077, 0, name);
  }
  await catalog.close();
});

test('opening a new catalog many times at once creates one catalog', async () => {
  using folder = inFolder();
  const catalogs = await Promise.all(Array.from({ length: 8 }, folder.open));
  for (const catalog of catalogs) {
    assert.equal((await catalog.read((view) => view.listOrganizations())).length, 1);
  }
  await Promise.all(catalogs.map((catalog) => catalog.close()));
});

test('a catalog of a newer release is refused with an explanation', async () => {
  using folder = inFolder();
  await (await folder.open()).close();
  const handle = new SqliteDatabase(folder.path);
  handle.prepare("insert into kysely_migration values ('0999-later', '2030-01-01')").run();
  handle.close();
  await assert.rejects(
    folder.open(),
    (error: UsherError) =>
      error.code === 'store_unavailable' && /newer release.*0999-later/.test(error.detail),
  );
});

test('the audit log cannot be rewritten, not even by SQL', async () => {
  using folder = inFolder();
  const catalog = await folder.open();
  await catalog.change({ actor: 'a', atMs: 1 }, async () => ({
    result: undefined,
    audit: [{ organizationId: 1, action: 'x', target: 'y', before: null, after: null }],
  }));
  await catalog.close();
  const handle = new SqliteDatabase(folder.path);
  assert.throws(() => handle.exec("update audit set actor = 'nobody'"), /only grows/);
  assert.throws(() => handle.exec('delete from audit'), /only grows/);
  handle.close();
});

test('a full disk is storage_full, a broken file is store_unavailable', async () => {
  const codeOf = (sqlite: string) =>
    whenFree(() => {
      throw new SqliteError('as SQLite says it', sqlite);
    }).catch((error: UsherError) => error.code);
  assert.equal(await codeOf('SQLITE_FULL'), 'storage_full');
  assert.equal(await codeOf('SQLITE_CORRUPT'), 'store_unavailable');
  assert.equal(await codeOf('SQLITE_IOERR_READ'), 'store_unavailable');
  // A violated constraint is an internal error, so it keeps its own code.
  assert.equal(await codeOf('SQLITE_CONSTRAINT_UNIQUE'), 'SQLITE_CONSTRAINT_UNIQUE');
});

test('a catalog of the first release is upgraded and keeps its contents', async () => {
  using folder = inFolder();
  await makeFirstRelease(folder.path);
  const catalog = await folder.open();
  const read = await catalog.read(async (view) => ({
    dataset: await view.findDataset(1, 'crm'),
    versions: await view.listDatasetVersions(1, 1),
    fields: await view.listFields(1),
    run: await view.findRun(1, 'r1'),
  }));
  await catalog.close();
  assert.deepEqual([read.dataset?.version, read.dataset?.definitionVersion], [3, 3]);
  const [version, ...older] = read.versions;
  assert.deepEqual(older, []);
  assert.deepEqual([version?.version, version?.author, version?.atMs], [3, 'operator:ana', 7]);
  assert.deepEqual(version?.definition, read.dataset?.definition);
  assert.equal(read.fields[0]?.sensitivity, null);
  assert.deepEqual(version?.fields, read.fields);
  assert.deepEqual([read.run?.trigger, read.run?.state], ['command', 'succeeded']);
});

test('a catalog of the first release takes segments and flows after its upgrade', async () => {
  using folder = inFolder();
  await makeFirstRelease(folder.path);
  const catalog = await folder.open();
  const administration = {
    ...{ catalog, clock: () => 10, randomBytes },
    actor: { kind: 'operator', name: 'test' },
    contacts: async () => undefined,
  } as const;
  const exported = await exportCatalog(administration, 1);
  for (const kind of ['segments', 'flows', 'computed_fields', 'exclusion_groups']) {
    assert.equal(exported[kind], undefined, kind);
  }
  const loud = { name: 'loud', rule: 'city.upperAscii()', settings: { condition: true } };
  await createComputedField(administration, 1, loud);
  const { id } = await createSegment(administration, 1, { name: 'All', rule: 'loud == "BERN"' });
  await createFlow(administration, 1, { name: 'Spring', segment: 'All', status: 'live' });
  const { organizations } = await catalog.loadState();
  const { segments, flows } = organizations.get(1)?.definitions ?? {};
  assert.deepEqual([segments?.get(id)?.name, flows?.size], ['All', 1]);
  await catalog.close();
});

test('a catalog from before roles were given knows which users an administrator gave one', async () => {
  using folder = inFolder();
  const handle = await migrateBefore(folder.path, '0018-given-roles');
  handle.exec(`
    insert into users (id, organization_id, email, name, role, state, totp_step, oidc_subject,
      created_at) values
      ('local', 1, 'a@x.com', 'a', 'admin', 'active', 0, null, 1),
      ('groups', 1, 'b@x.com', 'b', 'engineer', 'active', 0, 'b', 1),
      ('invited', 1, 'c@x.com', 'c', 'engineer', 'active', 0, 'c', 1),
      ('changed', 1, 'd@x.com', 'd', 'engineer', 'active', 0, 'd', 1);
    insert into audit (organization_id, at, actor, action, target, after) values
      (1, 1, 'console', 'user.role', 'groups', '{"role":"engineer"}'),
      (1, 1, 'operator:x', 'user.link', 'groups', '{"link":"reset"}'),
      (1, 1, 'operator:x', 'user.invite', 'invited', '{"role":"auditor","link":"invitation"}'),
      (1, 2, 'console', 'user.role', 'invited', '{"role":"engineer"}'),
      (1, 2, 'user:x', 'user.invite', 'changed', '{"role":"auditor","link":"invitation"}'),
      (1, 3, 'user:x', 'user.role', 'changed', '{"role":"analyst"}'),
      (1, 4, 'console', 'user.sign_in', 'changed', '{"method":"oidc"}')`);
  handle.close();
  const catalog = await folder.open();
  const users = await catalog.readUsers((view) => view.listUsers(1));
  assert.deepEqual(
    users.map(({ id, role, givenRole }) => [id, role, givenRole]),
    [
      ['local', 'admin', 'admin'],
      ['groups', 'engineer', null],
      ['invited', 'engineer', 'auditor'],
      ['changed', 'engineer', 'analyst'],
    ],
  );
  await catalog.close();
});

/** A catalog with the steps before this one. */
async function migrateBefore(path: string, step: string): Promise<SqliteDatabase.Database> {
  const handle = new SqliteDatabase(path);
  const steps = Object.fromEntries(Object.entries(migrations(5)).filter(([name]) => name < step));
  const migrator = new Migrator({
    db: new Kysely<unknown>({ dialect: new SqliteDialect({ database: handle }) }),
    provider: { getMigrations: () => Promise.resolve(steps) },
  });
  const { error } = await migrator.migrateToLatest();
  assert.equal(error, undefined);
  return handle;
}

/** Tables and rows as the first release wrote them. */
async function makeFirstRelease(path: string): Promise<void> {
  const handle = await migrateBefore(path, '0002');
  handle.exec(`
    insert into datasets values (1, 1, 'crm', '{"mode":"append"}', 3, 4), (1, 2, 'new', null, 0, 5);
    insert into fields values (1, 1, 1, 'city', 'text', null, 'Where', 1, 0, null);
    insert into audit (organization_id, at, actor, action, target)
      values (1, 7, 'operator:ana', 'dataset.define', 'crm'), (1, 8, 'x', 'field.update', 'crm');
    insert into runs (id, organization_id, dataset_id, kind, state, started_at)
      values ('r1', 1, 1, 'import', 'succeeded', 6);
    update organizations set next_field_id = 2, next_dataset_id = 3`);
  handle.close();
}

test('a process that opens the file twice keeps its lock, so that others keep its log', async () => {
  using folder = inFolder();
  const first = await folder.open();
  const isLocked = () => {
    const file = `:${statSync(folder.path).ino} `;
    return readFileSync('/proc/locks', 'utf8').includes(file);
  };
  assert.equal(isLocked(), true);
  const second = await folder.open();
  assert.equal(isLocked(), true);
  await first.close();
  await second.close();
  assert.equal(isLocked(), false);
});
