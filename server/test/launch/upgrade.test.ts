/**
 * Data of earlier releases, used by this one. `fixtures/store-v*.mdb` has one store for each format
 * version. `first-release` is a whole data folder of the first release, and `backup-v1` is a backup
 * of it. `backup-lookup` is a backup with a dataset of the kind that was called lookup. A new
 * format adds a fixture. Existing fixtures never change.
 */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { composeDataFiles, composeReader, composeWriter } from '../../src/compose.ts';
import { formatVersion, newestFormatVersion } from '../../src/stores/embedded/store-format.ts';
import { mustRunCommand, runCommand } from './run-command.ts';
import { makeDataFolder } from './run-usher.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures');
const storeFixtures = readdirSync(fixtures).filter((name) => /^store-v\d+\.mdb$/.test(name));

/**
 * Content digest and full digest of each fixture, as computed by the release that wrote it. If a
 * digest changed, every earlier backup would look damaged.
 */
const knownDigests: Readonly<Record<string, readonly [content: string, full: string]>> = {
  'store-v1.mdb': [
    'fd2d7cb9abefd79df81f9f05c05aee1f8ac097e5b9be54f5d4050660f1a89042',
    '397153ae0ef6224f46d85cb266d36dbc892f6422ad52e5bb2caf28ce6c55fd1c',
  ],
  'store-v2.mdb': [
    'f73ea9d322e802de6e13ff4cc4563ae8e10ff1f358fbd0c2c3f16329bafd6f64',
    'bfc32ee06f54fcdcac5eda062b588999ad851c6110a2c13b0ee80607809ed232',
  ],
  'store-v3.mdb': [
    '797cd78e346fe36638f7bd6f60fcf6a8f22da63d955742e36f7e045b8a5e084b',
    '76458b1721f2b355166c246e9a7a14972183f64e29c4581b12c67663e3a9ce30',
  ],
  'store-v4.mdb': [
    'b2a9de214a6a9369e89172566f6237353187c78b0425e750eefdbf9e17d882dc',
    '329d89dff8f8c1758edd516e19bf253137d4bd04762ea0e1479724dda0ec3094',
  ],
  'store-v5.mdb': [
    '429b5101573012e5ff623b0b8de2f8b0a7f7e14097d86f5de158f1b48075b8ef',
    'a0133559ed0725f2a7299185b7e20247749920b29200be90ce603231668dad4b',
  ],
  'store-v6.mdb': [
    'f36d0f903e0513f85671b4f73c662909b069aed05f0ee5f9daa0f6e8b6423f81',
    '00905756a3a754a0585d1f5072e0d1fb779aa3f34f688cf8394bc23e51571c0a',
  ],
};

const walk = { interrupted: new AbortController().signal, onProgress: () => undefined };

async function filesIn(data: string) {
  return (await composeDataFiles({ dataFolder: data, catalog: 'sqlite' })).storeIn(data);
}

async function digestsOf(data: string): Promise<string[]> {
  const reader = await composeReader({ dataFolder: data });
  try {
    const faults = await reader.verify();
    assert.ok(
      Object.values(faults).every((count) => count === 0),
      JSON.stringify(faults),
    );
    return [await reader.digest('content'), await reader.digest('full')];
  } finally {
    await reader.close();
  }
}

/** Opens the folder for writing, as a server or an import does at its start. */
async function convert(data: string): Promise<void> {
  const writer = await composeWriter({ dataFolder: data });
  await writer.close();
}

async function firstRelease(context: TestContext): Promise<string> {
  const data = makeDataFolder(context);
  cpSync(join(fixtures, 'first-release'), data, { recursive: true });
  return data;
}

/**
 * The content digests after a conversion, where they differ: contacts with nothing to answer are
 * gone then.
 */
const convertedContents: Readonly<Record<string, string>> = {
  'store-v2.mdb': '49c639b5e390cec1183d432ec54f6ab83fcfcb96e19b9c20e32a59670193f0ea',
};

test('there is a fixture of every format version of the store', () => {
  const versions = storeFixtures.map((name) => Number(/\d+/.exec(name)?.[0]));
  const expected = Array.from({ length: newestFormatVersion }, (_, place) => place + 1);
  assert.deepEqual(
    expected.filter((version) => !versions.includes(version)),
    [],
  );
});

for (const fixture of storeFixtures) {
  test(`${fixture} is read, converted, copied and compacted, and holds the same contacts`, async (context) => {
    const data = makeDataFolder(context);
    mkdirSync(data);
    cpSync(join(fixtures, fixture), join(data, 'contacts.mdb'));
    const digests = await digestsOf(data);
    assert.deepEqual(digests, knownDigests[fixture]);
    const copy = join(data, 'copy');
    mkdirSync(copy);
    const old = await (await filesIn(data)).copyTo(copy, {
      ...walk,
      onMoment: async () => undefined,
    });
    assert.equal(old.formatVersion, Number(/\d+/.exec(fixture)?.[0]));
    assert.deepEqual(await digestsOf(copy), digests);

    await convert(data);
    const [content, full] = await digestsOf(data);
    assert.equal(content, convertedContents[fixture] ?? digests[0]);
    const files = await filesIn(data);
    const converted = await files.describe(walk);
    const { storeId } = old;
    assert.deepEqual(
      { storeId: converted.storeId, formatVersion: converted.formatVersion },
      { storeId, formatVersion: Math.max(old.formatVersion, formatVersion) },
    );
    assert.equal(converted.fullDigest, full);
    assert.equal((await files.compact(walk)).fullDigest, full);
    assert.deepEqual(await digestsOf(data), [content, full]);

    await convert(copy);
    assert.equal((await digestsOf(copy))[0], content);
  });
}

test('a data folder of the first release answers as before, and its next import is right', async (context) => {
  const data = await firstRelease(context);
  const [content] = await digestsOf(data);
  const get = () => mustRunCommand(data, ['get', 'user_id:7', '--fields', 'name,city,total']);
  const before = await get();
  assert.deepEqual((JSON.parse(before) as { contact: unknown }).contact, {
    name: 'Tom',
    city: 'New York',
    total: 241.56,
  });
  const tokens = JSON.parse(await mustRunCommand(data, ['token', 'list', '--json'])) as object[];
  assert.equal(tokens.length, 1);
  await convert(data);
  assert.deepEqual((await digestsOf(data))[0], content);
  assert.equal(await get(), before);

  const rows = ['tom@hello.com,7,Tom,Boston,241.56', 'zoe@hello.com,9,Zoë,Zürich,'];
  const report = await importPeople(data, rows);
  const { added, changed, cleared } = report;
  assert.deepEqual({ added, changed, cleared }, { added: 0, changed: 1, cleared: 1 });
  assert.match(await get(), /Boston/);
  await digestsOf(data);
});

async function importPeople(data: string, rows: readonly string[]) {
  const file = join(dirname(data), 'people.csv');
  writeFileSync(file, `email,user_id,name,city,total\n${rows.join('\n')}\n`);
  const identifiers = ['--identifier', 'email=email', '--identifier', 'user_id=user_id'];
  const flags = ['--dataset', 'crm', '--mode', 'snapshot', ...identifiers, '--json', '-q'];
  return JSON.parse(await mustRunCommand(data, ['import', file, ...flags])) as Record<
    string,
    number
  >;
}

test('a backup of the first release is restored unchanged, and converted at the first write', async (context) => {
  const data = makeDataFolder(context);
  await mustRunCommand(data, ['restore', join(fixtures, 'backup-v1'), '--no-suppression', '-q']);
  const [content, full] = await digestsOf(data);
  const manifest = JSON.parse(readFileSync(join(fixtures, 'backup-v1', 'backup.json'), 'utf8')) as {
    store: { full_digest: string };
  };
  assert.equal(full, manifest.store.full_digest);
  assert.equal((await digestsOf(await firstRelease(context)))[0], content);
  const rows = ['tom@hello.com,7,Tom,Boston,241.56', 'zoe@hello.com,9,Zoë,Zürich,'];
  const { added, changed, cleared } = await importPeople(data, rows);
  assert.deepEqual({ added, changed, cleared }, { added: 0, changed: 1, cleared: 1 });
  assert.equal((await (await filesIn(data)).size())?.formatVersion, formatVersion);
});

test('a dataset of the old kind lookup is restored as one of the kind reference', async (context) => {
  const data = makeDataFolder(context);
  await mustRunCommand(data, [
    'restore',
    join(fixtures, 'backup-lookup'),
    '--no-suppression',
    '-q',
  ]);
  const file = join(dirname(data), 'usher.yaml');
  await mustRunCommand(data, ['export', '--out', file]);
  const exported = readFileSync(file, 'utf8');
  assert.match(exported, /^ {4}kind: reference$/m);
  const products = exported.replace(/paths: \[.*\]/, 'paths: [products.csv]');
  writeFileSync(file, products);
  writeFileSync(join(dirname(data), 'products.csv'), 'sku,price\n1,2.50\n2,4.00\n3,1\n');
  const apply = ['apply', '--file', file, '--yes', '--json'];
  const differences = async () =>
    (JSON.parse(await mustRunCommand(data, apply)) as { differences: { path: string }[] })
      .differences;
  const paths = (await differences()).map(({ path }) => path);
  assert.deepEqual(paths, ['/datasets/products/source/paths']);
  for (const kind of ['lookup', 'reference']) {
    writeFileSync(file, products.replace('kind: reference', `kind: ${kind}`));
    assert.deepEqual(await differences(), [], kind);
  }
  const run = JSON.parse(await mustRunCommand(data, ['sync', 'run', 'products', '--json', '-q']));
  const { unchanged, added } = run as Record<string, number>;
  assert.deepEqual({ unchanged, added }, { unchanged: 2, added: 1 }, 'the rows exist');
});

test('a folder that is not converted yet is backed up and restored unchanged', async (context) => {
  const data = await firstRelease(context);
  const backup = join(dirname(data), 'backup');
  const made = JSON.parse(await mustRunCommand(data, ['backup', backup, '--json', '-q'])) as {
    store: { format_version: number };
    catalog: { steps: string[] };
  };
  assert.equal(made.store.format_version, 1);
  assert.deepEqual(made.catalog.steps, ['0001-first']);
  const restored = join(dirname(data), 'restored');
  await mustRunCommand(restored, ['restore', backup, '--no-suppression', '-q']);
  assert.deepEqual(await digestsOf(restored), await digestsOf(data));
});

test('a catalog of a newer release is refused with an explanation and is not changed', async (context) => {
  const data = await firstRelease(context);
  const path = join(data, 'catalog.sqlite');
  const database = new SqliteDatabase(path);
  database
    .prepare('insert into kysely_migration (name, timestamp) values (?, ?)')
    .run('9999-later', '2030-01-01T00:00:00.000Z');
  database.close();
  const before = readFileSync(path);
  const backup = join(dirname(data), 'backup');
  for (const args of [['token', 'list'], ['serve'], ['backup', backup], ['get', 'user_id:7']]) {
    const { code, stderr } = await runCommand(data, args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, /catalog was changed by a newer release/);
  }
  assert.deepEqual(readFileSync(path), before);
  assert.ok(!readdirSync(dirname(data)).some((name) => name.startsWith('backup')));
});
