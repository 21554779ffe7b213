/** Starting and rolling back runs over HTTP, with real processes that read a real file. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { noCounts } from '../../src/sync/dataset-run.ts';
import { email, replace } from '../stores/sample-changes.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { type RunningApi, startApi, waitFor } from './start-api.ts';

type Json = Record<string, unknown>;

const runBoundMs = 60_000;

/** An API with a dataset of one CSV file, and a token with administration scopes. */
async function startPlace(t: Parameters<typeof startApi>[0]) {
  const api = await startApi(t);
  const path = join(api.dataFolder, 'people.csv');
  await defineDataset(api.administration, 1, {
    name: 'people',
    definition: {
      ...usualDefinition,
      source: { kind: 'file', paths: [path] },
      identifiers: [{ identityType: 'email', column: 'email' }],
      columns: [{ column: 'city', field: 'city' }],
    },
    fields: new Map([['city', { type: 'string' }]]),
  });
  const token = await api.token({ scopes: ['contacts:read', 'admin:read', 'admin:write'] });
  await waitFor(() => api.fieldId('city') > 0);
  // One change among 20 contacts needs no approval.
  const others = Array.from({ length: 19 }, (_, at) => `p${at}@hello.com,Hull\n`).join('');
  const write = (city: string) =>
    writeFileSync(path, `email,city\ntom@hello.com,${city}\n${others}`);
  return { api, token, write };
}

function post(api: RunningApi, token: string, path: string) {
  return callApi(api, { method: 'POST', path, token });
}

async function runOf(api: RunningApi, token: string, id: unknown): Promise<Json> {
  const shown = await callApi(api, { path: `/admin/v1/runs/${id}`, token });
  assert.equal(shown.status, 200, shown.body);
  return JSON.parse(shown.body) as Json;
}

async function cityOf(api: RunningApi, token: string): Promise<unknown> {
  const path = '/audience/v2/contacts?identity=email:tom@hello.com&fields=city';
  const { body } = await callApi(api, { path, token });
  return (JSON.parse(body) as { contact: Json }).contact['city'];
}

/** Starts a run and waits until it no longer runs. */
async function run(api: RunningApi, token: string): Promise<Json> {
  const started = await post(api, token, '/admin/v1/datasets/people/runs');
  assert.equal(started.status, 202, started.body);
  const id = String((JSON.parse(started.body) as Json)['run_id']);
  assert.equal(started.headers.get('location'), `/admin/v1/runs/${id}`);
  // Read from the catalog, because the administration API has a limit of requests.
  const { catalog } = api.administration;
  const findState = async () => (await catalog.read((view) => view.findRun(1, id)))?.state;
  await waitFor(async () => (await findState()) !== 'running', runBoundMs);
  return runOf(api, token, id);
}

async function sync(api: RunningApi, token: string): Promise<string> {
  const ended = await run(api, token);
  assert.deepEqual([ended['state'], ended['trigger']], ['succeeded', 'api'], JSON.stringify(ended));
  return String(ended['run_id']);
}

test('a started run applies its source, and the last run can be rolled back once', async (t) => {
  const { api, token, write } = await startPlace(t);
  write('York');
  const first = await sync(api, token);
  assert.equal(await cityOf(api, token), 'York');
  write('Leeds');
  const second = await sync(api, token);
  assert.equal(await cityOf(api, token), 'Leeds');

  const early = readProblem(await post(api, token, `/admin/v1/runs/${first}/rollback`));
  assert.equal(early.code, 'revision_conflict');
  assert.match(early.detail, new RegExp(second));
  assert.equal(await cityOf(api, token), 'Leeds');

  const rolledBack = await post(api, token, `/admin/v1/runs/${second}/rollback`);
  assert.equal(rolledBack.status, 200, rolledBack.body);
  assert.equal((JSON.parse(rolledBack.body) as Json)['state'], 'rolled_back');
  assert.equal(await cityOf(api, token), 'York');
  const again = await post(api, token, `/admin/v1/runs/${second}/rollback`);
  assert.deepEqual([again.status, again.body], [200, rolledBack.body]);
  assert.equal(await cityOf(api, token), 'York');

  const { catalog } = api.administration;
  const [rollback] = await catalog.read((view) => view.listRuns(1, { limit: 1 }));
  assert.deepEqual([rollback?.kind, rollback?.trigger], ['rollback', 'api']);

  const entries = await catalog.read((view) => view.listAudit(1, { limit: 50 }));
  const own = entries.filter(({ action }) => action.startsWith('run.'));
  assert.deepEqual(
    own.map(({ action, target }) => `${action} ${target}`),
    ['run.rolled_back people', 'run.start people', 'run.start people'],
  );
  for (const { actor } of own) assert.match(actor, /^token:/);
});

test('what an interrupted run wrote is rolled back, and the run keeps its state', async (t) => {
  const { api, token, write } = await startPlace(t);
  write('York');
  await sync(api, token);
  const { catalog } = api.administration;
  const dataset = await catalog.read((view) => view.findDataset(1, 'people'));
  const place = { organizationId: 1, datasetId: dataset?.id ?? 0 };
  await catalog.startRun({
    ...{ ...place, id: 'cut', kind: 'sync', trigger: 'command', definitionVersion: 1 },
    ...{ approvalOf: null, startedAtMs: Date.now() },
  } as const);
  const lease = await api.writer.beginRun({ ...place, runId: 'cut' });
  await api.writer.applyBatch(lease, [
    replace([email('tom@hello.com')], { [api.fieldId('city')]: 'Leeds' }),
  ]);
  const path = '/admin/v1/runs/cut/rollback';
  assert.equal(readProblem(await post(api, token, path)).code, 'revision_conflict', 'it runs');
  await api.writer.abandonRun(lease);
  await catalog.endRun('cut', {
    ...{ state: 'interrupted', counts: noCounts, endedAtMs: Date.now() },
    ...{ errorCode: null, errorDetail: null },
  } as const);
  assert.equal(await cityOf(api, token), 'Leeds');
  const answer = await post(api, token, path);
  assert.equal(answer.status, 200, answer.body);
  assert.equal((JSON.parse(answer.body) as Json)['state'], 'interrupted');
  assert.equal(await cityOf(api, token), 'York');
});

test('a second start during a run of the dataset is run_in_progress', async (t) => {
  const { api, token, write } = await startPlace(t);
  write('York');
  const path = '/admin/v1/datasets/people/runs';
  const answers = await Promise.all([post(api, token, path), post(api, token, path)]);
  const statuses = answers.map(({ status }) => status).sort();
  assert.deepEqual(statuses, [202, 409], answers.map(({ body }) => body).join('\n'));
  const refused = answers.find(({ status }) => status === 409);
  assert.equal(refused && readProblem(refused).code, 'run_in_progress');
});

test('a run of another program refuses the start', async (t) => {
  const { api, token, write } = await startPlace(t);
  write('York');
  const { catalog } = api.administration;
  const dataset = await catalog.read((view) => view.findDataset(1, 'people'));
  const held = { runId: 'held', organizationId: 1, datasetId: dataset?.id ?? 0 };
  const lease = await api.writer.beginRun(held);
  const refused = await post(api, token, '/admin/v1/datasets/people/runs');
  assert.equal(readProblem(refused).code, 'run_in_progress', refused.body);
  await api.writer.abandonRun(lease);
});

test('only a token that may change what it sees starts a run or rolls one back', async (t) => {
  const { api, token } = await startPlace(t);
  const { catalog } = api.administration;
  await catalog.startRun({
    ...{ id: 'old', organizationId: 1, datasetId: 2, kind: 'sync', trigger: 'command' },
    ...{ definitionVersion: 1, approvalOf: null, startedAtMs: 1 },
  } as const);
  const paths = ['/admin/v1/datasets/people/runs', '/admin/v1/runs/old/rollback'];
  const reader = await api.token({ scopes: ['admin:read'] });
  const narrow = await api.token({ scopes: ['admin:write'], fields: ['first_name'] });
  const codes = async (asking: string) =>
    Promise.all(paths.map(async (path) => readProblem(await post(api, asking, path)).code));
  assert.deepEqual(await codes(reader), ['scope_missing', 'scope_missing']);
  assert.deepEqual(await codes(narrow), ['resource_not_found', 'resource_not_found']);
  assert.deepEqual(await codes('ush_nonsense'), ['token_invalid', 'token_invalid']);
  const running = readProblem(await post(api, token, '/admin/v1/runs/old/rollback'));
  assert.equal(running.code, 'revision_conflict');
  // Its rows are imported by hand, so a sync has nothing to read.
  const handmade = readProblem(await post(api, token, '/admin/v1/datasets/crm/runs'));
  assert.equal(handmade.code, 'definition_invalid');
  const audit = await catalog.read((view) => view.listAudit(1, { limit: 50 }));
  assert.ok(!audit.some(({ action }) => action === 'run.start'));
});

test('a run that waits shows contacts that it would change, until it is decided', async (t) => {
  const { api, token, write } = await startPlace(t);
  write('York');
  await sync(api, token);
  const cities = Array.from({ length: 19 }, (_, at) => (at < 10 ? '' : 'Bath'));
  const others = cities.map((city, at) => `p${at}@hello.com,${city}\n`).join('');
  writeFileSync(join(api.dataFolder, 'people.csv'), `email,city\n${others}`);
  const { run_id: id, state } = await run(api, token);
  assert.equal(state, 'waiting');
  const readExamples = async () => {
    const shown = await callApi(api, { path: `/admin/v1/runs/${id}/examples`, token });
    assert.equal(shown.status, 200, shown.body);
    return (JSON.parse(shown.body) as { readonly data: readonly Json[] }).data;
  };
  const examples = await readExamples();
  const shown = examples.map(({ effect, field, value, masked }) => [effect, field, value, masked]);
  assert.deepEqual(shown.toSorted(), [
    ...['changed', 'changed'].map((effect) => [effect, 'city', 'Hull', false]),
    ...['cleared', 'cleared', 'cleared'].map((effect) => [effect, 'city', 'Hull', false]),
  ]);
  assert.ok(examples.every(({ contact_id }) => typeof contact_id === 'string'));
  const paths = ['approve', 'reject'].map((verb) => `/admin/v1/runs/${id}/${verb}`);
  const decided = await Promise.all(paths.map((path) => post(api, token, path)));
  assert.deepEqual(decided.map(({ status }) => status).toSorted(), [200, 409]);
  const late = decided.find(({ status }) => status === 409);
  const verdict = decided[0]?.status === 200 ? 'approved' : 'rejected';
  assert.match(
    late?.body ?? '',
    new RegExp(`(?:just decided: this run|decision: it) is ${verdict}`),
  );
  assert.deepEqual(await readExamples(), []);
});
