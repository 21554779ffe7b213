/** Datasets and runs over real sockets. Each call is made with a token. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCatalog } from '../../src/administration/document/apply-catalog.ts';
import { noCounts } from '../../src/sync/dataset-run.ts';
import { type ApiCall, callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { type RunningApi, startApi } from './start-api.ts';

type Json = Record<string, unknown>;

async function must(api: RunningApi, call: ApiCall, status = 200): Promise<Json> {
  const answer = await callApi(api, call);
  assert.equal(answer.status, status, answer.body);
  return JSON.parse(answer.body) as Json;
}

async function startAdmin(t: Parameters<typeof startApi>[0]) {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['contacts:read', 'admin:read', 'admin:write'] });
  return { api, token };
}

/** Records that the first token read the field today. */
async function noteRead(api: RunningApi, field: string): Promise<void> {
  const { catalog, clock } = api.administration;
  const [token] = await catalog.read((view) => view.listTokens(1));
  const day = Math.floor(clock() / 86_400_000);
  const read = { tokenRowId: token?.rowId ?? 0, fieldId: api.fieldId(field), day };
  await catalog.recordFieldReads([read]);
}

/** Adds two waiting runs and one that is still running, oldest first. */
async function addRuns({ administration }: RunningApi): Promise<readonly string[]> {
  const { catalog } = administration;
  const ids = ['run-1', 'run-2', 'run-3'];
  for (const [place, id] of ids.entries()) {
    await catalog.startRun({
      ...{ id, organizationId: 1, datasetId: 1, kind: 'sync', trigger: 'schedule' },
      ...{ definitionVersion: 1, approvalOf: null, startedAtMs: place },
    } as const);
    if (place === 2) continue;
    const counts = { ...noCounts, rowsRead: 9, bytes: 7 };
    const end = { state: 'waiting', endedAtMs: 5, errorCode: null, errorDetail: null } as const;
    await catalog.endRun(id, { ...end, counts });
  }
  return ids;
}

const pushed = {
  kind: 'contact',
  source: { kind: 'push' },
  identifiers: { email: 'mail' },
  mode: 'append',
  fields: { city: { type: 'string' }, visits: { column: 'Visits', type: 'integer' } },
};

test('a dataset is defined, shown, changed with its version, and removed', async (t) => {
  const { api, token } = await startAdmin(t);
  const path = '/admin/v1/datasets/web';
  const put = (definition: unknown, headers = {}) =>
    callApi(api, { method: 'PUT', path, token, body: { definition }, headers });
  const unseen = await put(pushed, { 'if-match': '"what-nobody-saw"' });
  assert.equal(readProblem(unseen).code, 'precondition_failed');
  const made = await put(pushed);
  assert.equal(made.status, 200, made.body);
  const shown = await callApi(api, { path, token });
  const dataset = JSON.parse(shown.body) as Json;
  assert.deepEqual(JSON.parse(made.body), { ...dataset, warnings: [] });
  assert.deepEqual([dataset['name'], dataset['version']], ['web', 1]);
  assert.deepEqual(dataset['definition'], pushed);
  const etag = shown.headers.get('etag') ?? '';
  assert.equal(made.headers.get('etag'), etag);
  const again = await put(dataset['definition'], { 'if-match': etag });
  assert.equal(again.body, made.body, 'the same again changes nothing');
  const older = { ...pushed, max_age: { after: '36h', policy: 'serve' } };
  const changed = JSON.parse((await put(older, { 'if-match': etag })).body) as Json;
  assert.equal(changed['version'], 2);
  const late = await put(pushed, { 'if-match': etag });
  assert.equal(readProblem(late).code, 'precondition_failed');
  const versions = await must(api, { path: `${path}/versions`, token });
  const [newest, first] = versions['data'] as Json[];
  assert.deepEqual(newest?.['differences'], [
    { path: '/max_age', after: { after: '36h', policy: 'serve' } },
  ]);
  assert.deepEqual(first?.['differences'], []);
  assert.match(String(newest?.['author']), /^token:/);
  const listed = await must(api, { path: '/admin/v1/datasets', token });
  assert.deepEqual(
    (listed['data'] as Json[]).map(({ name }) => name),
    ['crm', 'web'],
  );
  const removed = await callApi(api, { method: 'DELETE', path, token });
  assert.equal(removed.status, 204, removed.body);
  assert.equal(readProblem(await callApi(api, { path, token })).code, 'resource_not_found');
});

test('the old kind lookup is read as reference, and never returned', async (t) => {
  const { api, token } = await startAdmin(t);
  const path = '/admin/v1/datasets/products';
  const put = (kind: string) =>
    must(api, { method: 'PUT', path, token, body: { definition: { kind, key: 'sku' } } });
  const made = await put('lookup');
  assert.equal((made['definition'] as Json)['kind'], 'reference');
  assert.deepEqual(await put('reference'), made, 'the same again changes nothing');
  assert.deepEqual(await put('lookup'), made);
  const validate = { method: 'POST', path: `${path}/validate`, token };
  const tried = await must(api, {
    ...validate,
    body: { definition: { kind: 'lookup', key: 'sku' } },
  });
  assert.deepEqual(tried['differences'], []);
});

test('a definition is validated without being stored, and every error is listed', async (t) => {
  const { api, token } = await startAdmin(t);
  const tried = (body: unknown) =>
    callApi(api, { method: 'POST', path: '/admin/v1/datasets/web/validate', token, body });
  const sound = JSON.parse((await tried({ definition: pushed })).body) as Json;
  assert.equal((sound['differences'] as Json[]).length, 5);
  assert.deepEqual(sound['uses'], []);
  const list = await must(api, { path: '/admin/v1/datasets', token });
  assert.equal((list['data'] as Json[]).length, 1, 'nothing was made');
  const pathsOf = async (body: unknown) => {
    const problem = readProblem(await tried(body));
    assert.equal(problem.code, 'definition_invalid');
    return (problem['problems'] as { path: string }[]).map(({ path }) => path).toSorted();
  };
  const form = { ...pushed, knd: 'x', fields: { city: { type: 'strin' } } };
  assert.deepEqual(await pathsOf({ definition: form }), [
    ...['/definition/fields/city/type', '/definition/knd'],
  ]);
  const sense = { ...pushed, mode: 'snapshot', identifiers: { nobody: 'x' } };
  assert.deepEqual(await pathsOf({ definition: sense }), [
    ...['/definition/identifiers/nobody', '/definition/mode'],
  ]);
  assert.deepEqual(await pathsOf({ definitoin: pushed }), ['/definition', '/definitoin']);
  assert.equal(readProblem(await tried([])).code, 'body_malformed');
});

test('a dataset hides its source from a token, and keeps a field that is in use', async (t) => {
  const { api, token } = await startAdmin(t);
  const path = '/admin/v1/datasets/crm';
  const { definition } = await must(api, { path, token });
  const put = (body: unknown) => callApi(api, { method: 'PUT', path, token, body });
  const source = { kind: 'sqlite', path: '/etc/passwd', sql: 'SELECT 1' };
  const other = await put({ definition: { ...(definition as Json), source } });
  assert.equal(readProblem(other).code, 'scope_missing');
  const { total_spend: _, ...fields } = (definition as { fields: Json }).fields;
  const without = { ...(definition as Json), fields };
  await noteRead(api, 'total_spend');
  const refused = readProblem(await put({ definition: without }));
  assert.equal(refused.code, 'approval_required');
  const [use] = refused['uses'] as Json[];
  assert.deepEqual([use?.['field'], use?.['change']], ['total_spend', 'dropped']);
  assert.equal(((use?.['tokens'] ?? []) as Json[]).length, 1);
  const held = await callApi(api, { method: 'DELETE', path: `${path}?force=true`, token });
  assert.match(readProblem(held).detail ?? '', /2 contacts still hold values/);
  const forced = await put({ definition: without, force: true });
  assert.equal(forced.status, 200, forced.body);
});

test('runs are listed in pages, and a waiting run is decided once', async (t) => {
  const { api, token } = await startAdmin(t);
  const ids = await addRuns(api);
  const seen: unknown[] = [];
  let path = '/admin/v1/datasets/crm/runs?limit=2';
  for (let cursor: unknown = ''; cursor !== null; ) {
    const page = await must(api, { path, token });
    seen.push(...(page['data'] as Json[]).map((run) => run['run_id']));
    cursor = page['next_cursor'];
    path = `/admin/v1/datasets/crm/runs?limit=2&cursor=${cursor}`;
  }
  assert.deepEqual(seen, ids.toReversed());
  const run = `/admin/v1/runs/${ids[0]}`;
  assert.equal((await must(api, { path: run, token }))['state'], 'waiting');
  const approved = await must(api, { method: 'POST', path: `${run}/approve`, token });
  assert.match(String(approved['approved_by']), /^token:/);
  const twice = await callApi(api, { method: 'POST', path: `${run}/reject`, token });
  assert.equal(readProblem(twice).code, 'revision_conflict');
  const other = `/admin/v1/runs/${ids[1]}`;
  const rejected = await must(api, { method: 'POST', path: `${other}/reject`, token });
  assert.equal(rejected['state'], 'rejected');
  const nobody = await callApi(api, { path: '/admin/v1/runs/nothing', token });
  assert.equal(readProblem(nobody).code, 'resource_not_found');
});

test('a definition that hides what a computed field shows is answered with the warnings of apply', async (t) => {
  const { api, token } = await startAdmin(t);
  const path = '/admin/v1/datasets/web';
  const city = { type: 'string', condition: true };
  const web = (content: boolean) => ({ ...pushed, fields: { city: { ...city, content } } });
  const put = (content: boolean) =>
    must(api, { method: 'PUT', path, token, body: { definition: web(content) } });
  const shown = await put(true);
  assert.deepEqual(shown['warnings'], []);
  const town = { name: 'town', rule: 'coalesce(city, "none")', content: true };
  await must(api, { method: 'POST', path: '/admin/v1/computed-fields', token, body: town }, 201);
  const hidden = { definition: web(false) };
  const apply = { prune: false, force: false, dryRun: true, sectionsOf: async () => 0 };
  const document = { version: 1, datasets: { web: hidden.definition } };
  const applied = await applyCatalog(api.administration, 1, { ...apply, document });
  assert.match(applied.warnings.join(), /^town: .*show fields whose content is off: city\./);
  const tried = await must(api, {
    ...{ method: 'POST', path: `${path}/validate`, token, body: hidden },
  });
  assert.deepEqual(tried['warnings'], applied.warnings);
  const { warnings, ...defined } = await put(false);
  assert.deepEqual(warnings, applied.warnings);
  const read = await callApi(api, { path, token });
  assert.deepEqual(JSON.parse(read.body), defined);
  const same = { 'if-match': read.headers.get('etag') ?? '' };
  const again = await callApi(api, { method: 'PUT', path, token, body: hidden, headers: same });
  assert.equal(again.status, 200, again.body);
  assert.deepEqual(JSON.parse(again.body), { ...defined, warnings: [] });
});

test('a definition brings its identity types, each with the normalisation that it needs', async (t) => {
  const { api, token } = await startAdmin(t);
  const put = (types: unknown) =>
    callApi(api, {
      ...{ method: 'PUT', path: '/admin/v1/datasets/calls', token },
      body: {
        definition: { ...pushed, identifiers: { phone: 'number', card: 'card' }, fields: {} },
        new_identity_types: types,
      },
    });
  const wrong = await put([{ name: 'phone', normalisation: 'digits' }, 'card']);
  assert.match(readProblem(wrong).detail, /exact, phone, email/);
  const made = await put([{ name: 'phone', normalisation: 'phone' }, 'card']);
  assert.equal(made.status, 200, made.body);
  const { data } = await must(api, { path: '/admin/v1/identity-types', token });
  const added = (data as Json[]).filter(({ built_in: isBuiltIn }) => isBuiltIn === false);
  assert.deepEqual(
    added.map(({ name, normalisation }) => [name, normalisation]),
    [
      ['phone', 'phone'],
      ['card', 'exact'],
    ],
  );
});
