/**
 * A dataset from an uploaded file, from end to end with a real server: sample, definition, run,
 * guard, approval, rejection, rollback. And what a kill, a restart and time leave of the files.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { callApi } from '../http/call-api.ts';
import { beginUpload, uploadFile } from '../http/upload-file.ts';
import {
  makeDataFolder,
  mustRunUsher,
  startUsher,
  type UsherServer,
  waitFor,
} from './run-usher.ts';

type Json = Record<string, unknown>;

const waitMs = 60_000;
const scopes = ['contacts:read', 'admin:read', 'admin:write'];

async function startPlace(t: TestContext) {
  const data = makeDataFolder(t);
  const flags = scopes.flatMap((scope) => ['--scope', scope]);
  const create = ['token', 'create', '--email', 'eng@example.com', '-q', ...flags];
  // Before the server starts, which learns of later tokens only within a second.
  const token = await mustRunUsher(data, create);
  let server = await startUsher(data);
  t.after(() => server.stop());
  const call = async (method: string, path: string, body?: unknown) => {
    // Administration has a limit of calls per second, which polling reaches.
    const answer = await waitFor(async () => {
      const got = await callApi(server, { method, path, token, body });
      return got.status === 429 ? undefined : got;
    }, waitMs);
    const json = answer.body === '' ? {} : (JSON.parse(answer.body) as Json);
    return { status: answer.status, body: json };
  };
  const folder = join(data, 'uploads/1');
  const place = {
    data,
    token,
    folder,
    call,
    server: () => server,
    restart: async (stop: (running: UsherServer) => Promise<void>) => {
      await stop(server);
      server = await startUsher(data);
    },
    stored: () => (existsSync(folder) ? readdirSync(folder) : []),
    /** Waits until the files are deleted, soon after their run. */
    nothingStored: () => waitFor(() => (place.stored().length === 0 ? true : undefined), waitMs),
    upload: async (content: string, name = 'people.csv') => {
      const { status, body } = await waitFor(async () => {
        const sent = await uploadFile({ port: server.port, token, name }, content);
        return sent.status === 429 ? undefined : sent;
      }, waitMs);
      assert.equal(status, 201, JSON.stringify(body));
      return String(body['id']);
    },
    /** Starts a run and waits until it has ended. */
    run: async (dataset: string, upload?: string) => {
      const started = await call('POST', `/admin/v1/datasets/${dataset}/runs`, { upload });
      assert.equal(started.status, 202, JSON.stringify(started.body));
      return place.ended(String(started.body['run_id']));
    },
    ended: (id: string): Promise<Json> =>
      waitFor(async () => {
        const { body } = await call('GET', `/admin/v1/runs/${id}`);
        return body['state'] === 'running' ? undefined : body;
      }, waitMs),
    city: async (email: string) => {
      const path = `/audience/v2/contacts?identity=email:${email}&fields=city`;
      return ((await call('GET', path)).body['contact'] as Json | undefined)?.['city'];
    },
  };
  return place;
}

function rows(city: (n: number) => string, from = 0): string {
  const lines = Array.from({ length: 20 }, (_, n) => `${from + n},p${n}@x.org,${city(n)}`);
  return `customer_no,email,city\n${lines.join('\n')}\n`;
}

/** The console offers to undo these changes of a definition: no value may be lost by them. */
async function undoChanges(place: Awaited<ReturnType<typeof startPlace>>): Promise<void> {
  const put = async (definition: Json) => {
    const body = { definition, force: true };
    const answer = await place.call('PUT', '/admin/v1/datasets/people', body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
  };
  const known = await place.call('GET', '/admin/v1/datasets/people');
  const before = known.body['definition'] as Json;
  const fields = before['fields'] as Record<string, Json>;
  const identifiers = before['identifiers'] as Json;
  const city = fields['city'] ?? {};
  for (const change of [
    ...['integer', 'boolean', 'set', 'currency'].map((type) => ({
      fields: { ...fields, city: { type } },
    })),
    { fields: { ...fields, city: { type: 'date', format: { date_order: 'day-first' } } } },
    { fields: { ...fields, city: { ...city, column: 'town' } } },
    { identifiers: { email: 'email' } },
    { identifiers: { ...identifiers, email: 'city' } },
    { mode: 'append' },
  ]) {
    await put({ ...before, ...change });
    await put(before);
    // A look-up sees a change within milliseconds.
    await waitFor(async () => (await place.city('p1@x.org')) === 'York' || undefined, waitMs);
  }
}

test('a file becomes a dataset whose runs are guarded, approved, rejected and rolled back', {
  timeout: 240_000,
}, async (t) => {
  const place = await startPlace(t);
  const first = await place.upload(`${rows(() => 'York', 100)}999,nobody,Hull\n`);
  const { body: sample } = await place.call('GET', `/admin/v1/uploads/${first}/sample?rows=2`);
  assert.deepEqual(
    [sample['dataset'], sample['is_new'], sample['rows_read'], sample['rejections']],
    ['people', true, 21, { identity_invalid: 1 }],
    JSON.stringify(sample),
  );
  assert.deepEqual(sample['identifiers'], [
    { identity_type: 'customer_no', column: 'customer_no', is_new: true },
    { identity_type: 'email', column: 'email', is_new: false },
  ]);
  const columns = sample['columns'] as readonly Json[];
  assert.deepEqual(columns.at(-1)?.['values'], ['York', 'York']);
  const defined = await place.call('PUT', '/admin/v1/datasets/people', {
    definition: { ...(sample['definition'] as Json), mode: 'snapshot' },
    new_identity_types: sample['new_identity_types'],
  });
  assert.equal(defined.status, 200, JSON.stringify(defined.body));

  const loaded = await place.run('people', first);
  assert.deepEqual([loaded['state'], loaded['added'], loaded['rejected']], ['succeeded', 20, 1]);
  await place.nothingStored();
  const listed = await place.call('GET', `/admin/v1/runs/${loaded['run_id']}/rejections`);
  const [rejected] = listed.body['data'] as readonly Json[];
  assert.deepEqual(
    { ...rejected, reason: null },
    { file: null, row: 21, column: 'email', code: 'identity_invalid', reason: null },
  );
  assert.doesNotMatch(JSON.stringify(listed.body), /nobody/);

  await undoChanges(place);

  const second = await place.upload(
    rows(() => 'Leeds', 100),
    'later.csv',
  );
  const waiting = await place.run('people', second);
  assert.equal(waiting['state'], 'waiting');
  const plan = waiting['plan'] as Json;
  assert.deepEqual([plan['contacts_before'], plan['would_change']], [20, 20]);
  assert.deepEqual(place.stored(), [second], 'a file stays while its run waits');
  await place.call('POST', `/admin/v1/runs/${waiting['run_id']}/reject`);
  await place.nothingStored();
  assert.equal(await place.city('p1@x.org'), 'York');
  const none = await place.call('POST', '/admin/v1/datasets/people/runs');
  assert.deepEqual([none.status, none.body['code']], [422, 'definition_invalid']);

  await overtakeApproved(place);
  const third = await place.upload(
    rows(() => 'Leeds', 100),
    'later.csv',
  );
  const asked = await place.run('people', third);
  const given = await giveAnother(place, third);
  const approved = await place.call('POST', `/admin/v1/runs/${asked['run_id']}/approve`);
  assert.equal(approved.status, 200, JSON.stringify(approved.body));
  const applied = await waitFor(async () => {
    const { body } = await place.call('GET', '/admin/v1/datasets/people/runs');
    const [newest] = body['data'] as readonly Json[];
    const isDone = newest?.['approval_of'] === asked['run_id'] && newest?.['state'] !== 'running';
    return isDone ? newest : undefined;
  }, waitMs);
  assert.equal(applied['state'], 'succeeded', JSON.stringify(applied));
  assert.equal(await place.city('p1@x.org'), 'Leeds');
  await waitFor(() => place.stored().length === 1 || undefined, waitMs);
  assert.deepEqual(place.stored(), [given], 'a file that no run has read stays');
  await place.call('DELETE', `/admin/v1/uploads/${given}`);
  await place.nothingStored();
  const back = await place.call('POST', `/admin/v1/runs/${applied['run_id']}/rollback`);
  assert.equal(back.status, 200, JSON.stringify(back.body));
  assert.equal(await place.city('p1@x.org'), 'York');
  await runAsSampled(place);
});

/** A run that was approved and not carried out yet ends when a later file takes its place. */
async function overtakeApproved(place: Awaited<ReturnType<typeof startPlace>>): Promise<void> {
  const send = (city: string) =>
    place.upload(
      rows(() => city, 100),
      `${city}.csv`,
    );
  const early = await place.run('people', await send('Hull'));
  await place.call('POST', `/admin/v1/runs/${early['run_id']}/approve`);
  const late = await place.run('people', await send('Bath'));
  assert.equal(late['state'], 'waiting', 'its own plan waits for an approval');
  const { body } = await place.call('GET', `/admin/v1/runs/${early['run_id']}`);
  assert.equal(body['state'], 'interrupted');
  assert.match(JSON.stringify(body['error']), /approved, but a later run took its place/);
  await place.call('POST', `/admin/v1/runs/${late['run_id']}/reject`);
  await place.nothingStored();
  assert.equal(await place.city('p1@x.org'), 'York');
}

/** As a call leaves it that names a file, and whose run is refused because another one begins. */
async function giveAnother(
  place: Awaited<ReturnType<typeof startPlace>>,
  read: string,
): Promise<string> {
  const other = await place.upload(
    rows(() => 'Derby', 100),
    'other.csv',
  );
  const recordOf = (id: string) => join(place.folder, id, 'upload.json');
  const { given } = JSON.parse(readFileSync(recordOf(read), 'utf8')) as { given: Json };
  const record = JSON.parse(readFileSync(recordOf(other), 'utf8')) as Json;
  const later = { ...given, atMs: Date.now() };
  writeFileSync(recordOf(other), JSON.stringify({ ...record, given: later }));
  return other;
}

/** What a caller chose instead of what was found is counted as the run counts it. */
async function runAsSampled(place: Awaited<ReturnType<typeof startPlace>>): Promise<void> {
  const lines = [
    'd1@x.org;r1;1.234,50;31.12.1990;x',
    'd2@x.org;r2;2,5;01.02.1991;x',
    'd3@x.org;r2;3,5;someday;12',
    'd4@x.org;r4;much;never;x',
  ];
  const text = `mail;reference;price_code;joined;shelf\n${lines.join('\n')}\n`;
  const upload = await place.upload(text, 'deals.csv');
  const sample = async (query: string) => {
    const { status, body } = await place.call(
      'GET',
      `/admin/v1/uploads/${upload}/sample?rows=1&${query}`,
    );
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  };
  const found = await sample('');
  assert.deepEqual([found['rows_read'], found['rejections']], [4, {}]);
  const types = 'types=3:currency:EUR,4:date,5:integer';
  const chosen = await sample(`${types}&identifiers=2:reference,1:email&skip=5`);
  assert.deepEqual(chosen['new_identity_types'], ['reference']);
  const definition = chosen['definition'] as Json;
  assert.deepEqual(definition['identifiers'], { reference: 'reference', email: 'mail' });
  const { price_code: price, joined, shelf } = definition['fields'] as Record<string, Json>;
  assert.deepEqual(price?.['format'], { decimal_comma: true });
  assert.deepEqual([price?.['type'], price?.['currency']], ['currency', 'EUR']);
  assert.deepEqual(joined, { type: 'date', format: { date_order: 'day-first' } });
  assert.equal(shelf, undefined, 'a column that is left out rejects no row');
  assert.deepEqual(chosen['rejections'], { value_invalid: 2 });
  const defined = await place.call('PUT', '/admin/v1/datasets/deals', {
    ...{ definition, new_identity_types: chosen['new_identity_types'] },
  });
  assert.equal(defined.status, 200, JSON.stringify(defined.body));
  const run = await place.run('deals', upload);
  assert.deepEqual([run['state'], run['rejections']], ['succeeded', chosen['rejections']]);
}

test('a file is deleted after 24 hours, and nothing stays of an upload that a kill ended', {
  timeout: 120_000,
}, async (t) => {
  const place = await startPlace(t);
  const old = await place.upload(rows(() => 'York'));
  const young = await place.upload(rows(() => 'Hull'));
  const recordPath = join(place.folder, old, 'upload.json');
  const record = JSON.parse(readFileSync(recordPath, 'utf8')) as Json;
  const port = place.server().port;
  const { sent } = beginUpload({ port, token: place.token, name: 'cut.csv' });
  sent.write('email,city\n');
  await waitFor(() => (place.stored().length === 3 ? true : undefined), waitMs);
  await place.restart(async ({ process, stop }) => {
    process.kill('SIGKILL');
    await stop();
  });
  assert.deepEqual(place.stored().sort(), [old, young].sort(), 'the kill left one unfinished');
  sent.destroy();
  const yesterday = Number(record['createdAtMs']) - 86_400_001;
  writeFileSync(recordPath, JSON.stringify({ ...record, createdAtMs: yesterday }));
  await waitFor(() => (place.stored().length === 1 ? true : undefined), waitMs);
  assert.deepEqual(place.stored(), [young]);
  await place.restart(async ({ stop }) => {
    await stop();
    const late = join(place.folder, young, 'upload.json');
    writeFileSync(late, JSON.stringify({ ...record, createdAtMs: yesterday }));
  });
  assert.deepEqual(place.stored(), [], 'a start removes what became too old meanwhile');
});
