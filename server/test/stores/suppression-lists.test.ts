/** Suppression lists: what they keep, and what a lost, cut, damaged or foreign one gets. */
import assert from 'node:assert/strict';
import { hash, randomBytes } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { openSuppression } from '../../src/stores/open-store.ts';
import { SuppressionList } from '../../src/stores/suppression/suppression-list.ts';
import {
  describeSuppression,
  noNote,
  type Suppressed,
  SuppressionLists,
  type SuppressionNote,
} from '../../src/stores/suppression/suppression-lists.ts';
import { makeDataFolder } from './sample-changes.ts';

const scope = { kind: 'identity', organizationId: 1, type: 'email' } as const;

function digestOf(name: string): Buffer {
  return hash('sha256', name, 'buffer').subarray(0, 16);
}

function email(name: string): Suppressed {
  return { scope, digest: digestOf(name) };
}

/** Changes the file as SQLite does, so that only the sum of the list can tell. */
function editList(path: string, statement: string): void {
  const database = new SqliteDatabase(path);
  database.exec(statement);
  database.close();
}

/** A folder whose own list has these entries. */
async function makeLists(t: TestContext, names: readonly string[]) {
  const dataFolder = makeDataFolder(t);
  const folder = join(dataFolder, 'suppression');
  const lists = SuppressionLists.open(folder, noNote);
  const { keyId } = await lists.makeOwn();
  lists.add(names.map(email), 1_000);
  const note = lists.note();
  lists.close();
  const path = (end: 'list' | 'key') => join(folder, `${keyId}.${end}`);
  return { dataFolder, folder, keyId, note, path };
}

function open(t: TestContext, folder: string, note: SuppressionNote): SuppressionLists {
  const lists = SuppressionLists.open(folder, note);
  t.after(() => lists.close());
  return lists;
}

test('what was added is suppressed after the list is opened again, and nothing else', async (t) => {
  const { folder, note } = await makeLists(t, ['ann', 'bob']);
  const lists = open(t, folder, note);
  assert.deepEqual(
    ['ann', 'bob', 'eve'].map((it) => lists.has(scope, digestOf(it))),
    [true, true, false],
  );
  const all = Buffer.concat(['eve', 'bob', 'dan', 'ann'].map(digestOf));
  assert.deepEqual(lists.placesOf(scope, all), [1, 3]);
  assert.equal(lists.has({ ...scope, type: 'phone' }, digestOf('ann')), false);
  assert.equal(lists.has({ ...scope, organizationId: 2 }, digestOf('ann')), false);
  assert.equal(lists.has({ ...scope, kind: 'row', dataset: 'crm' }, digestOf('ann')), false);
});

test('many entries are all found, and the filter grows with them', async (t) => {
  const { folder, note } = await makeLists(t, []);
  const lists = open(t, folder, note);
  const names = Array.from({ length: 3_000 }, (_, place) => `n${place}`);
  lists.add(names.slice(0, 10).map(email), 1);
  lists.add(names.map(email), 1);
  const all = Buffer.concat([...names, 'other'].map(digestOf));
  assert.equal(lists.placesOf(scope, all).length, 3_000);
  assert.equal(lists.own?.entries, 3_000);
});

test('a lifted entry is marked, counts again when it is added again, and stays counted', async (t) => {
  const { dataFolder, folder, keyId, note } = await makeLists(t, ['ann']);
  const lists = open(t, folder, note);
  const keyring = openSuppression(dataFolder).open(keyId);
  t.after(() => keyring.close());
  const identity = { organizationId: 1, type: 'email', digest: digestOf('ann') };
  const state = () => keyring.states([keyring.keyedDigest(identity)])[0];
  assert.equal(state(), 'suppressed');
  assert.equal(lists.lift(scope, digestOf('ann'), 2_000), true);
  assert.equal(lists.lift(scope, digestOf('ann'), 2_000), false);
  assert.deepEqual([state(), lists.own?.entries, lists.own?.countLifted()], ['lifted', 1, 1]);
  lists.add([email('ann')], 1_500);
  assert.deepEqual([state(), lists.own?.entries, lists.own?.countLifted()], ['suppressed', 1, 0]);
  assert.deepEqual(keyring.states(['00'.repeat(16)]), ['unknown']);
});

test('two copies of a list become one, with the later state of each entry', async (t) => {
  const { folder, keyId, note, path } = await makeLists(t, ['ann', 'bob', 'eve']);
  const other = await makeLists(t, []);
  for (const end of ['list', 'key'] as const) {
    copyFileSync(path(end), join(other.folder, `${keyId}.${end}`));
  }
  const lists = open(t, folder, note);
  lists.lift(scope, digestOf('ann'), 3_000);
  const copy = SuppressionList.open(other.folder, keyId) as SuppressionList;
  t.after(() => copy.close());
  copy.lift(copy.digests.of(scope, digestOf('bob')), 2_000);
  copy.add([copy.digests.of(scope, digestOf('dan'))], 2_000);
  const own = lists.own as SuppressionList;
  own.unite(copy);
  assert.deepEqual(
    ['ann', 'bob', 'eve', 'dan'].map((it) => lists.has(scope, digestOf(it))),
    [false, false, true, true],
  );
  assert.equal(own.entries, 4);
});

test('lists of several keys are all checked, and lifted in each', async (t) => {
  const { folder, note } = await makeLists(t, ['ann', 'bob']);
  const other = await makeLists(t, ['eve', 'ann']);
  for (const end of ['list', 'key'] as const) {
    copyFileSync(other.path(end), join(folder, `${other.keyId}.${end}`));
  }
  const lists = open(t, folder, note);
  assert.equal(lists.own?.keyId, note.own);
  const all = Buffer.concat(['ann', 'bob', 'eve', 'dan'].map(digestOf));
  assert.deepEqual([...lists.placesOf(scope, all)].sort(), [0, 1, 2]);
  assert.equal(lists.lift(scope, digestOf('ann'), 5_000), true);
  assert.equal(lists.has(scope, digestOf('ann')), false);
});

const refused: readonly (readonly [
  what: string,
  spoil: (path: (end: 'list' | 'key') => string) => void,
  fault: string,
  words: RegExp,
])[] = [
  ['a lost list', (path) => rmSync(path('list')), 'list_missing', /\.list is missing\. Copy it/],
  [
    'a list that was cut short',
    (path) => truncateSync(path('list'), statSync(path('list')).size - 4_096),
    'list_damaged',
    /\.list is damaged\. Copy it/,
  ],
  [
    'a list that was cut within its last page',
    (path) => truncateSync(path('list'), statSync(path('list')).size - 7),
    'list_damaged',
    /\.list is damaged\. Copy it/,
  ],
  [
    'a list with bytes after its last page',
    (path) => appendFileSync(path('list'), 'x'),
    'list_damaged',
    /\.list is damaged\. Copy it/,
  ],
  [
    'a list that says of an entry that it was lifted',
    (path) => editList(path('list'), 'update entries set lifted_at_ms = 2000'),
    'list_damaged',
    /\.list is damaged\. Copy it/,
  ],
  [
    'a list with another time of an entry',
    (path) => editList(path('list'), 'update entries set at_ms = at_ms + 1'),
    'list_damaged',
    /\.list is damaged\. Copy it/,
  ],
  [
    'a list with an entry less',
    (path) =>
      editList(
        path('list'),
        'delete from entries where hash = (select min(hash) from entries); update head set entries = entries - 1',
      ),
    'list_damaged',
    /\.list is damaged\. Copy it/,
  ],
  [
    'a list of another version',
    (path) => editList(path('list'), 'pragma user_version = 0'),
    'list_version',
    /written by another version of Usher/,
  ],
  ['an empty file', (path) => truncateSync(path('list'), 0), 'list_damaged', /is damaged/],
  [
    'a list whose bytes changed',
    (path) => {
      const bytes = readFileSync(path('list'));
      const [, end] = [0, bytes.length];
      // The entries are at the end of the last page.
      bytes[end - 1] = (bytes[end - 1] as number) ^ 1;
      bytes[end - 20] = (bytes[end - 20] as number) ^ 1;
      writeFileSync(path('list'), bytes);
    },
    'list_damaged',
    /is damaged/,
  ],
  [
    'a file of another kind',
    (path) => writeFileSync(path('list'), 'x'.repeat(9_000)),
    'list_damaged',
    /is damaged/,
  ],
  ['a lost key', (path) => rmSync(path('key')), 'key_missing', /\.key of .* is missing\. Copy/],
  [
    'another key',
    (path) => writeFileSync(path('key'), randomBytes(32)),
    'key_wrong',
    /not the key/,
  ],
  ['a key that was cut', (path) => truncateSync(path('key'), 16), 'key_wrong', /not the key/],
];

for (const [what, spoil, fault, words] of refused) {
  test(`${what} is refused, and described with what to do`, async (t) => {
    const { folder, note, path, keyId } = await makeLists(t, ['ann', 'bob']);
    spoil(path);
    const unavailable = { code: 'store_unavailable', message: words };
    assert.throws(() => SuppressionLists.open(folder, note), unavailable);
    const [described] = describeSuppression(folder, note);
    assert.deepEqual([described?.keyId, described?.fault], [keyId, fault]);
    assert.match(described?.words ?? '', words);
  });
}

test('an older copy of a list is refused', async (t) => {
  const { folder, note, path } = await makeLists(t, ['ann']);
  const older = readFileSync(path('list'));
  const lists = SuppressionLists.open(folder, note);
  lists.add([email('bob')], 2_000);
  const newer = lists.note();
  lists.close();
  writeFileSync(path('list'), older);
  assert.throws(() => SuppressionLists.open(folder, newer), {
    code: 'store_unavailable',
    message: /older copy: it has 1 of 2 entries\. Copy the newest one/,
  });
  open(t, folder, note);
});

test('an older copy with as many entries is refused: a person of it was erased again', async (t) => {
  const { folder, note, path } = await makeLists(t, ['ann']);
  const lists = SuppressionLists.open(folder, note);
  lists.lift(scope, digestOf('ann'), 2_000);
  const older = readFileSync(path('list'));
  lists.add([email('ann')], 3_000);
  const newer = lists.note();
  lists.close();
  open(t, folder, newer);
  writeFileSync(path('list'), older);
  assert.throws(() => SuppressionLists.open(folder, newer), {
    code: 'store_unavailable',
    message: /older copy: it has 1 of 1 entries, but not what changed later\. Copy the newest one/,
  });
});

test('a list that took the entries of a newer copy counts as that copy', async (t) => {
  const { folder, keyId, note, path } = await makeLists(t, ['ann']);
  const other = await makeLists(t, []);
  for (const end of ['list', 'key'] as const) {
    copyFileSync(path(end), join(other.folder, `${keyId}.${end}`));
  }
  const lists = SuppressionLists.open(folder, note);
  lists.lift(scope, digestOf('ann'), 2_000);
  lists.add([email('ann')], 3_000);
  const newer = lists.note();
  lists.close();
  const copy = SuppressionList.open(other.folder, keyId) as SuppressionList;
  const newest = SuppressionList.open(folder, keyId) as SuppressionList;
  t.after(() => newest.close());
  copy.unite(newest);
  copy.close();
  open(t, other.folder, newer);
});

test('a sound list is described with its counts', async (t) => {
  const { folder, note, keyId } = await makeLists(t, ['ann', 'bob']);
  const lists = open(t, folder, note);
  lists.lift(scope, digestOf('bob'), 2_000);
  assert.deepEqual(describeSuppression(folder, note), [
    { keyId, isOwn: true, entries: 2, lifted: 1, newestAtMs: 2_000, fault: null, words: null },
  ]);
});

test('only the owner can read a list and its key', async (t) => {
  const { path } = await makeLists(t, ['ann']);
  assert.deepEqual(
    (['list', 'key'] as const).map((end) => statSync(path(end)).mode & 0o777),
    [0o600, 0o600],
  );
});

test('a list holds neither an identity nor its digest', async (t) => {
  const { path } = await makeLists(t, ['ann@example.com']);
  const bytes = readFileSync(path('list'));
  assert.equal(bytes.includes('ann@'), false);
  assert.equal(bytes.includes(digestOf('ann@example.com')), false);
});

test('a copy of the lists is whole, and a folder that takes them has both lists', async (t) => {
  const one = await makeLists(t, ['ann']);
  const other = await makeLists(t, ['bob']);
  const backup = join(makeDataFolder(t), 'backup');
  const copied = await openSuppression(one.dataFolder).copyTo(backup);
  assert.deepEqual(
    copied.map(({ keyId, entries }) => [keyId, entries]),
    [[one.keyId, 1]],
  );
  const lists = SuppressionLists.open(one.folder, one.note);
  lists.add([email('eve')], 2_000);
  lists.close();
  for (let time = 0; time < 2; time += 1) {
    await openSuppression(other.dataFolder).takeFrom(backup);
    await openSuppression(other.dataFolder).takeFrom(one.folder);
  }
  const all = open(t, other.folder, other.note);
  assert.deepEqual(
    ['ann', 'bob', 'eve', 'dan'].map((it) => all.has(scope, digestOf(it))),
    [true, true, true, false],
  );
});

test('a receipt is proved by the key that signed it, and by no other', async (t) => {
  const [one, other] = [await makeLists(t, []), await makeLists(t, [])];
  const macs = [one, one, other].map(({ dataFolder, keyId }) => {
    const keyring = openSuppression(dataFolder).open(keyId);
    t.after(() => keyring.close());
    return keyring.mac('a receipt');
  });
  assert.equal(macs[0], macs[1]);
  assert.notEqual(macs[0], macs[2]);
});
