/** Runs of defined datasets: what they import, when they stop, and what they leave behind. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import { composeReader, composeWriter } from '../../src/compose.ts';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import { reasonsToWait } from '../../src/domain/dataset/run-plan.ts';
import type { UsherError } from '../../src/domain/errors.ts';
import { rejectionsPath } from '../../src/sync/apply/rejections-file.ts';
import { organizationId, SyncPlace } from './sync-place.ts';

const fields = { name: 'string', city: 'string', visits: 'integer' } as const;
const head = 'email,name,city,visits';

/** Ten contacts, so that one of them is 10 %. */
function rows(
  change: (row: readonly string[], index: number) => readonly string[] | undefined = (row) => row,
) {
  const lines = Array.from({ length: 10 }, (_, index) =>
    change([`c${index}@example.org`, `Name ${index}`, 'Ulm', `${index}`], index)?.join(','),
  );
  return `${[head, ...lines.filter((line) => line !== undefined)].join('\n')}\n`;
}

test('a sync applies its rows, and the next one only what changed', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write(rows());
  const first = await place.sync('crm');
  assert.deepEqual(countsOf(first), { added: 10, changed: 0, unchanged: 0, cleared: 0 });
  assert.equal(first.plan, null);
  write(rows((row, index) => (index === 3 ? [...row.slice(0, 3), '99'] : row)));
  const second = await place.sync('crm');
  assert.deepEqual(countsOf(second), { added: 0, changed: 1, unchanged: 9, cleared: 0 });
  assert.deepEqual(await place.find('email:c3@example.org'), {
    name: 'Name 3',
    city: 'Ulm',
    visits: 99,
  });
  const run = await place.findRun(second.runId);
  assert.deepEqual(
    { ...countsOf(run), state: run.state, kind: run.kind, rowsRead: run.rowsRead },
    {
      added: 0,
      changed: 1,
      unchanged: 9,
      cleared: 0,
      state: 'succeeded',
      kind: 'sync',
      rowsRead: 10,
    },
  );
});

// Holds the invariant waiting-writes-nothing of sync/SPEC.md.
test('a run that would change too much waits, and writes nothing until it is approved', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write(rows());
  await place.sync('crm');
  const before = await place.digest();
  write(rows((row, index) => (index < 4 ? [...row.slice(0, 2), 'Bonn', row[3] ?? ''] : row)));
  const stopped = await place.sync('crm');
  assert.equal(stopped.state, 'waiting');
  assert.equal(stopped.plan?.wouldChange, 4);
  assert.equal(stopped.plan?.share, 0.4);
  assert.equal(await place.digest(), before);
  assert.equal((await place.findRun(stopped.runId)).state, 'waiting');
  // It stops again, and its baseline still exists.
  const again = await place.sync('crm');
  assert.equal(again.state, 'waiting');
  assert.equal(again.plan?.wouldChange, 4);
  assert.equal((await place.findRun(stopped.runId)).state, 'interrupted');
  assert.equal(await place.decide(stopped.runId, 'approved'), false);
  assert.equal(await place.decide(again.runId, 'approved'), true);
  const done = await place.sync('crm', {
    approved: await place.findRun(again.runId),
    trigger: 'approval',
  });
  assert.equal(done.state, 'succeeded');
  assert.deepEqual(countsOf(done), { added: 0, changed: 4, unchanged: 6, cleared: 0 });
  assert.equal((await place.findRun(done.runId)).approvalOf, again.runId);
  // A server and a command may both take up the approval.
  const approved = await place.findRun(again.runId);
  await assert.rejects(place.sync('crm', { approved }), /was carried out already, by the run/);
});

// Holds the invariant approval-is-bounded of sync/SPEC.md.
test('an approval does not cover a source that has become much worse since', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write(rows());
  await place.sync('crm');
  write(rows((row, index) => (index < 4 ? undefined : row)));
  const stopped = await place.sync('crm');
  assert.equal(stopped.plan?.wouldVanish, 4);
  await place.decide(stopped.runId, 'approved');
  write(rows((row, index) => (index < 9 ? undefined : row)));
  const approved = await place.findRun(stopped.runId);
  const carried = await place.sync('crm', { approved });
  assert.equal(carried.state, 'waiting');
  // The next run takes the place of this one, which is approved and not carried out.
  await place.decide(carried.runId, 'approved');
  await place.sync('crm');
  const overtaken = await place.findRun(carried.runId);
  assert.equal(overtaken.state, 'interrupted');
  await assert.rejects(place.sync('crm', { approved: overtaken }), /a later run took its place/);
});

test('a column that is emptied by mistake stops the run, however few contacts there are', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields, { maxChangeShare: 1 });
  write(rows());
  await place.sync('crm');
  write(
    rows(([email, name, , visits], index) => [
      email ?? '',
      name ?? '',
      index < 6 ? '' : 'Ulm',
      visits ?? '',
    ]),
  );
  const stopped = await place.sync('crm');
  assert.equal(stopped.state, 'waiting');
  assert.deepEqual(stopped.plan?.emptiedFields, [{ field: 'city', before: 10, after: 4 }]);
});

test('new contacts, newly mapped fields and first loads never stop a run', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', { name: 'string' });
  write(rows());
  assert.equal((await place.sync('crm')).state, 'succeeded');
  await place.defineCsv('crm', fields);
  const wider = await place.sync('crm');
  assert.equal(wider.state, 'succeeded');
  assert.deepEqual({ changed: wider.changed, share: wider.plan?.share }, { changed: 10, share: 0 });
  const more = Array.from({ length: 50 }, (_, index) => `n${index}@example.org,New,Ulm,1`);
  write(`${rows()}${more.join('\n')}\n`);
  const grown = await place.sync('crm');
  assert.deepEqual({ state: grown.state, added: grown.added }, { state: 'succeeded', added: 50 });
});

test('rows that are gone are cleared in mode snapshot, and stay in mode append', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write(rows());
  await place.sync('crm');
  write(rows((row, index) => (index === 0 ? undefined : row)));
  assert.equal((await place.sync('crm')).cleared, 1);
  assert.equal(await place.find('email:c0@example.org'), undefined);
  await place.defineCsv('crm', fields, { mode: 'append' });
  write(rows((row, index) => (index === 1 ? undefined : row)));
  const appended = await place.sync('crm');
  assert.deepEqual({ cleared: appended.cleared, added: appended.added }, { cleared: 0, added: 1 });
  assert.equal((await place.find('email:c1@example.org'))?.['name'], 'Name 1');
});

// Holds the invariant failure-keeps-state of sync/SPEC.md.
test('a source that lost a column fails with a reason, and keeps the last good baseline', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write(rows());
  await place.sync('crm');
  write('email,name,city\nc0@example.org,X,Y\n');
  await assert.rejects(
    place.sync('crm'),
    /has no column visits\. Its header has 3 columns: email, name, city\./,
  );
  for (const [header, words] of [
    ['Canary Miller,0171 55,gold', /no column email.* has 3 columns, none of which the definition/],
    ['city,Canary Miller,gold', /no column email.* has 3 columns: city and 2 that the definition/],
  ] as const) {
    write(`${header}\nTom Lee,0171 56,silver\n`);
    await assert.rejects(place.sync('crm'), ({ detail }: { readonly detail?: string }) => {
      assert.match(detail ?? '', words);
      assert.doesNotMatch(detail ?? '', /Canary|gold/, 'the first row may be a person');
      return true;
    });
  }
  write(rows());
  const healed = await place.sync('crm');
  assert.deepEqual(countsOf(healed), { added: 0, changed: 0, unchanged: 10, cleared: 0 });
});

test('a source without a usable row fails the run, and keeps the age of every value', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  const spoiled = rows(([email = '', ...row]) => [email, ...row.slice(0, 2), 'Tuesday']);
  const words =
    /^No row of 10 can be used \(value_invalid\)\. Row 1, visits: .*runs\/[-0-9a-f]+\/rejections\.csv/;
  const refused = { code: 'definition_invalid', detail: words };
  write(spoiled);
  await assert.rejects(place.sync('crm'), refused, 'the first load');
  write(rows());
  const good = await place.sync('crm');
  write(spoiled);
  let runId = '';
  await assert.rejects(place.sync('crm'), (error: UsherError) => {
    assert.match(error.detail, words);
    runId = /runs\/([-0-9a-f]+)/.exec(error.detail)?.[1] ?? '';
    return true;
  });
  assert.equal((await place.findRun(runId)).state, 'failed');
  const listed = await readFile(rejectionsPath(place.dataFolder, runId), 'utf8');
  assert.match(listed, /^row,column,code,reason\n1,visits,value_invalid,/);
  assert.equal(listed.split('\n').length, 12);
  assert.doesNotMatch(listed, /Tuesday/);
  const reader = await composeReader(place.settings);
  const asOfMs = await reader.asOf(organizationId, 1);
  await reader.close();
  assert.equal(asOfMs, (await place.findRun(good.runId)).startedAtMs);
  write('email,name,city,visits\n,Name,Ulm,1\n');
  await assert.rejects(place.sync('crm'), /No row of 1 can be used \(identity_missing\)/);
  write(rows((row, index) => (index < 9 ? [...row.slice(0, 3), 'Tuesday'] : row)));
  assert.equal((await place.sync('crm')).rejected, 9, 'one usable row is enough');
});

test('a full sync sends every row, and changes no correct value', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write(rows());
  await place.sync('crm');
  const before = await place.digest();
  const full = await place.sync('crm', { isFull: true });
  assert.deepEqual(countsOf(full), { added: 0, changed: 0, unchanged: 10, cleared: 0 });
  assert.equal(await place.digest(), before);
});

for (const identifiers of [['email'], ['email', 'user_id']]) {
  test(`a contact with a rejected row, identified by ${identifiers.join(' and ')}, is cleared once the row is gone`, async (context) => {
    const place = new SyncPlace(context);
    const write = await place.defineCsv(
      'crm',
      { visits: 'integer' },
      {
        maxChangeShare: 1,
        identifiers: identifiers.map((column) => ({ identityType: column, column })),
      },
    );
    const csv = (...lines: string[]) => `email,user_id,visits\n${lines.join('\n')}\n`;
    write(csv('tom@example.org,1,5', 'eva@example.org,2,6', 'kim@example.org,3,7'));
    await place.sync('crm');
    write(csv('tom@example.org,1,many', 'eva@example.org,2,6', 'kim@example.org,3,7'));
    // There is no baseline to compare with, as after a run that was killed.
    await place.sync('crm', { isFull: true });
    assert.deepEqual(await place.find('email:tom@example.org'), { visits: 5 });
    assert.equal((await place.sync('crm')).cleared, 0);
    write(csv('eva@example.org,2,6', 'kim@example.org,3,7'));
    assert.equal((await place.sync('crm')).cleared, 1);
    assert.equal(await place.find('email:tom@example.org'), undefined);
    assert.equal((await place.sync('crm')).cleared, 0);
  });
}

test('a dry run reports what a run would do, and changes nothing', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write(rows());
  await place.sync('crm');
  const before = await place.digest();
  write(
    `${rows((row, index) => (index === 0 ? undefined : row))}new@example.org,N,U,1\nbad,B,U,1\n`,
  );
  const trial = await place.try('crm');
  assert.deepEqual(
    { vanish: trial.plan?.wouldVanish, add: trial.plan?.wouldAdd, rejected: trial.rejected },
    { vanish: 1, add: 1, rejected: 1 },
  );
  assert.equal(await place.digest(), before);
});

test('a pushed dataset cannot be synced, and the error says how its rows arrive', async (context) => {
  const place = new SyncPlace(context);
  await place.define('pushed', { name: 'string' }, { source: { kind: 'push' } });
  await assert.rejects(place.sync('pushed'), /POST \/ingest\/v1\/contacts/);
  await assert.rejects(place.sync('nobody'), /There is no dataset nobody/);
});

test('a plan counts contacts, and a merged one once', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', fields);
  write(rows());
  await place.sync('crm');
  const writer = await composeWriter(place.settings);
  const [one, other] = ['c0@example.org', 'c1@example.org'].map((email) => {
    return { typeId: 1, digest: identityDigest('email', email) };
  });
  assert.ok(one !== undefined && other !== undefined);
  await writer.mergeContacts(organizationId, one, other, { by: null });
  await writer.close();
  write(rows((row) => [...row.slice(0, 2), 'Bonn', row[3] ?? '']));
  const { plan } = await place.sync('crm');
  assert.deepEqual([plan?.contactsBefore, plan?.wouldChange, plan?.share], [9, 9, 1]);
});

function countsOf({
  added,
  changed,
  unchanged,
  cleared,
}: {
  readonly added: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly cleared: number;
}) {
  return { added, changed, unchanged, cleared };
}

test('a run whose source lost all its rows waits for approval, also in mode append', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', { email: 'string' }, { mode: 'append' });
  write('email,x\na@x.org,1\n');
  assert.equal((await place.sync('crm')).state, 'succeeded');
  write('email,x\n');
  const waiting = await place.sync('crm');
  assert.equal(waiting.state, 'waiting');
  assert.equal(waiting.plan?.rowsBefore, 1);
  assert.ok(await place.decide(waiting.runId, 'approved'));
  const approved = await place.findRun(waiting.runId);
  assert.equal((await place.sync('crm', { approved })).state, 'succeeded');
  assert.equal((await place.sync('crm')).state, 'succeeded');
});

for (const kind of ['csv', 'ndjson', 'parquet query', 'csv query'] as const) {
  test(`a run where one file lost all its rows waits for approval: ${kind}`, async (context) => {
    const place = new SyncPlace(context);
    const isJson = kind === 'ndjson';
    const extension = isJson ? 'ndjson' : kind === 'parquet query' ? 'parquet' : 'csv';
    const write = async (name: string, emails: readonly string[]): Promise<void> => {
      const rows = emails.map((email) => (isJson ? JSON.stringify({ email }) : `${email},1`));
      const path = place.write(
        `${name}.${extension}`,
        `${isJson ? '' : 'email,x\n'}${rows.join('\n')}\n`,
      );
      if (extension === 'parquet') await writeParquet(path, emails);
      if (isJson && emails.length === 0) place.write(`${name}.${extension}`, '');
    };
    const paths = [join(place.folder, `*.${extension}`)];
    const source = kind.endsWith('query')
      ? ({ kind: 'query', files: [['t', paths]], sql: 'SELECT email FROM t' } as const)
      : ({ kind: 'file', paths } as const);
    await place.define('crm', { email: 'string' }, { source, mode: 'append' });
    await write('one', ['a@x.org']);
    await write('two', ['b@x.org']);
    await write('never', []);
    assert.equal((await place.sync('crm')).state, 'succeeded');
    await write('two', []);
    assert.deepEqual((await place.try('crm')).plan?.emptiedFiles, [`two.${extension}`]);
    const waiting = await place.sync('crm');
    assert.equal(waiting.state, 'waiting');
    assert.ok(waiting.plan !== null);
    assert.deepEqual(reasonsToWait(waiting.plan), [
      `The file two.${extension} has no rows. The last applied run read rows from it.`,
    ]);
    assert.ok(await place.decide(waiting.runId, 'approved'));
    const approved = await place.findRun(waiting.runId);
    assert.equal((await place.sync('crm', { approved })).state, 'succeeded');
    assert.equal((await place.sync('crm')).state, 'succeeded');
    await write('two', ['b@x.org', 'c@x.org']);
    assert.equal((await place.sync('crm')).state, 'succeeded');
    await write('two', []);
    assert.equal((await place.sync('crm')).state, 'waiting');
  });
}

async function writeParquet(path: string, emails: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  const rows = emails.map((email) => `('${email}')`).join(', ') || "('')";
  await connection.run(
    `COPY (SELECT email FROM (VALUES ${rows}) AS t(email) WHERE email <> '') TO '${path}' (FORMAT parquet)`,
  );
  connection.closeSync();
  instance.closeSync();
}
