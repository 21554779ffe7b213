/**
 * A contact whose row is rejected keeps the age of its last good row until it has a good row again.
 */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { composeReader } from '../../src/compose.ts';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import type { DatasetDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { asOfOf, keepsAge } from '../../src/stores/section-age.ts';
import { readContact } from '../stores/sample-changes.ts';
import { organizationId, SyncPlace } from './sync-place.ts';

const good = 'a@x.org,1,Ann\nb@x.org,2,Bob\nc@x.org,3,Cem\n';
const bad = good.replace('1,Ann', 'one,Ann');

async function inPlace(context: TestContext, definition: Partial<DatasetDefinition> = {}) {
  const place = new SyncPlace(context);
  const file = await place.defineCsv(
    'crm',
    { age: 'integer', name: 'string' },
    { maxChangeShare: 1, ...definition },
  );
  const sync = async (rows: string, asked = {}) => {
    file(`email,age,name${'\n'}${rows}`);
    return place.sync('crm', asked);
  };
  return { place, sync, agesOf: () => agesOf(place) };
}

/**
 * The start time of the run that each contact is as fresh as. The prefix `kept` marks an age that
 * later runs do not advance.
 */
async function agesOf(place: SyncPlace): Promise<Record<string, string>> {
  const reader = await composeReader(place.settings);
  try {
    const ofDataset = await reader.asOf(organizationId, 1);
    const ages: Record<string, string> = {};
    for (const name of ['a', 'b', 'c']) {
      const identity = { typeId: 1, digest: identityDigest('email', `${name}@x.org`) };
      const section = (await readContact(reader, organizationId, identity))?.sections[0];
      if (section === undefined) continue;
      const { asOfMs } = section;
      ages[name] = `${keepsAge(asOfMs) ? 'kept ' : ''}${asOfOf(asOfMs, ofDataset)}`;
    }
    return ages;
  } finally {
    await reader.close();
  }
}

async function startOf(place: SyncPlace, { runId }: { readonly runId: string }): Promise<number> {
  return (await place.findRun(runId)).startedAtMs;
}

for (const mode of ['append', 'snapshot'] as const) {
  // Holds the invariant rejected-keeps-age of sync/SPEC.md.
  test(`${mode}: a rejected row keeps the age of its last good row, and the good row again is fresh`, async (context) => {
    const { place, sync, agesOf: ages } = await inPlace(context, { mode });
    const first = await startOf(place, await sync(good));
    const second = await startOf(place, await sync(bad));
    assert.deepEqual(await ages(), { a: `kept ${first}`, b: `${second}`, c: `${second}` });
    // Still rejected: nothing is written, so there is nothing to roll back.
    const runs = await rollbackRuns(place);
    const third = await startOf(place, await sync(bad));
    assert.deepEqual(await ages(), { a: `kept ${first}`, b: `${third}`, c: `${third}` });
    assert.deepEqual(await rollbackRuns(place), runs);
    // This row was applied before, and no value changes.
    const healed = await sync(good);
    assert.deepEqual([healed.changed, healed.unchanged], [0, 3]);
    const fourth = `${await startOf(place, healed)}`;
    assert.deepEqual(await ages(), { a: fourth, b: fourth, c: fourth });
    const fifth = `${await startOf(place, await sync(good))}`;
    const changed = bad.replace('2', '7');
    assert.equal((await sync(changed)).changed, 1);
    assert.equal((await sync(good.replace('2', '7'))).changed, 0);
    assert.equal((await sync(changed)).changed, 0);
    // Runs in which rows only got another age are undone with the run before them.
    await place.rollBack('crm');
    assert.deepEqual(await ages(), { a: fifth, b: fifth, c: fifth });
    await place.rollBack('crm');
    assert.deepEqual(await ages(), {});
    assert.deepEqual(await rollbackRuns(place), []);
  });
}

test('a rejected row is as fresh as another good row with the same key', async (context) => {
  const { place, sync, agesOf: ages } = await inPlace(context);
  await sync(good);
  const second = await startOf(place, await sync(`a@x.org,2,Ann\n${bad}`));
  assert.deepEqual(await ages(), { a: `${second}`, b: `${second}`, c: `${second}` });
  const third = await sync(bad);
  assert.equal((await ages())['a'], `kept ${second}`);
  assert.equal(third.rejected, 1);
});

test('a rejected row whose key cannot be read keeps the age of the row with its other identity', async (context) => {
  const identifiers = [
    { identityType: 'user_id', column: 'name' },
    { identityType: 'email', column: 'email' },
  ];
  const { place, sync, agesOf: ages } = await inPlace(context, { identifiers, mode: 'snapshot' });
  const first = await startOf(place, await sync(good));
  const unreadable = good.replace('1,Ann', '1,Ann\u0001');
  const second = await startOf(place, await sync(unreadable));
  assert.deepEqual(await ages(), { a: `kept ${first}`, b: `${second}`, c: `${second}` });
  const third = `${await startOf(place, await sync(good))}`;
  assert.deepEqual(await ages(), { a: third, b: third, c: third });
});

test('a known row keeps its age when the store refuses a later row with its key', async (context) => {
  const place = new SyncPlace(context);
  const columns = Array.from({ length: 17 }, (_, at) => `t${at}`);
  const types = Object.fromEntries(columns.map((column) => [column, 'text' as const]));
  const file = await place.defineCsv('crm', types, { maxChangeShare: 1 });
  const sync = (...rows: readonly string[]) => {
    file(`email,${columns.join(',')}\n${rows.join('\n')}\n`);
    return place.sync('crm');
  };
  const rowOf = (email: string, text: string) => `${email}${`,${text}`.repeat(columns.length)}`;
  const rows = [rowOf('a@x.org', 'short'), rowOf('b@x.org', 'short')];
  const first = await startOf(place, await sync(...rows));
  // The texts are too long only together.
  const second = await sync(...rows, rowOf('a@x.org', 'x'.repeat(65_000)));
  assert.deepEqual(second.counts, { identity_repeated: 1, value_invalid: 1 });
  const at = await startOf(place, second);
  assert.deepEqual(await agesOf(place), { a: `kept ${first}`, b: `${at}` });
  const third = await sync(...rows);
  assert.deepEqual([third.changed, third.unchanged], [0, 2]);
  const healed = `${await startOf(place, third)}`;
  assert.deepEqual(await agesOf(place), { a: healed, b: healed });
});

test('in an incremental dataset a rejected row keeps its age until a later run reads it', async (context) => {
  const {
    place,
    sync,
    agesOf: ages,
  } = await inPlace(context, {
    mode: 'incremental',
    updatedAt: 'name',
  });
  const rows = (first: string) => `a@x.org,${first}\nb@x.org,2,2026-01-01\n`;
  const first = await startOf(place, await sync(rows('1,2026-01-01')));
  await sync(rows('one,2026-02-01'));
  const third = await sync(`${rows('one,2026-02-01')}c@x.org,3,2026-03-01\n`);
  assert.equal((await ages())['a'], `kept ${first}`);
  assert.equal((await ages())['b'], `${await startOf(place, third)}`);
  const fourth = await sync(`${rows('5,2026-04-01')}c@x.org,3,2026-03-01\n`);
  assert.equal((await ages())['a'], `${await startOf(place, fourth)}`);
});

test('a contact whose row has vanished is cleared, even if it kept an age', async (context) => {
  const { sync, agesOf: ages } = await inPlace(context);
  await sync(good);
  await sync(bad);
  const last = await sync(good.slice(good.indexOf('b@')));
  assert.equal(last.cleared, 1);
  assert.equal((await ages())['a'], undefined);
});

async function rollbackRuns(place: SyncPlace): Promise<readonly string[]> {
  const reader = await composeReader(place.settings);
  try {
    const runs = await reader.listRollbackRuns(organizationId, 1);
    return runs.map(({ runId }) => runId);
  } finally {
    await reader.close();
  }
}
