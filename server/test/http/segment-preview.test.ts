/** Previews over real sockets, counted by a process of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listAudit } from '../../src/administration/list-audit.ts';
import { email, replace } from '../stores/sample-changes.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { type RunningApi, startApi, waitFor } from './start-api.ts';

const path = '/admin/v1/segments/preview';
const scopes = ['contacts:read', 'admin:read', 'admin:write'] as const;

async function fill({ writer, fieldId }: RunningApi, count: number): Promise<void> {
  const lease = await writer.beginRun({ runId: 'fill', organizationId: 1, datasetId: 1 });
  const changes = Array.from({ length: count }, (_, n) =>
    replace([email(`p${n}@x.com`)], {
      [fieldId('first_name')]: 'Ann',
      [fieldId('total_spend')]: n,
    }),
  );
  await writer.applyBatch(lease, changes);
}

test('a rule is estimated, and counted clause by clause when asked', async (t) => {
  const api = await startApi(t);
  await fill(api, 100);
  const token = await api.token({ scopes: [...scopes] });
  const body = { rule: 'total_spend >= 90 && first_name == "Ann"' };
  const answer = await callApi(api, { method: 'POST', path, token, body });
  assert.equal(answer.status, 200, answer.body);
  const estimated = JSON.parse(answer.body);
  assert.equal(estimated.exact, null);
  assert.equal(estimated.estimate.members, 10);
  assert.equal(estimated.sample[0].values.first_name, '***');
  const exact = await callApi(api, { method: 'POST', path, token, body: { ...body, exact: true } });
  const clauses = [
    { rule: 'total_spend >= 90.0', alone: 11, in_sequence: 11 },
    { rule: 'first_name == "Ann"', alone: 100, in_sequence: 10 },
  ];
  const { contacts, members, ...counted } = JSON.parse(exact.body).exact;
  assert.deepEqual([members, counted.clauses], [10, clauses]);
  assert.ok(contacts >= 100);
  const acts = await listAudit(api.administration, 1, { limit: 10 });
  const noted = acts.filter(({ action }) => action === 'segment.preview');
  assert.equal(noted.length, 2);
  assert.ok(noted.every(({ actor }) => actor.startsWith('token:')));
  assert.deepEqual(noted[0]?.after, { fields: ['total_spend', 'first_name'] });
});

test('a preview needs both scopes and no lists', async (t) => {
  const api = await startApi(t);
  const ask = async (request: Parameters<RunningApi['token']>[0]) => {
    const token = await api.token(request);
    return readProblem(await callApi(api, { method: 'POST', path, token, body: { rule: 'true' } }));
  };
  assert.equal((await ask({ scopes: ['admin:read'] })).code, 'scope_missing');
  assert.equal((await ask({ scopes: ['contacts:read'] })).code, 'scope_missing');
  const listed = { scopes: [...scopes], fields: ['first_name'] };
  assert.equal((await ask(listed)).code, 'scope_missing');
});

test('a wrong preview is answered before any process starts', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ scopes: [...scopes] });
  const ask = async (body: unknown) =>
    readProblem(await callApi(api, { method: 'POST', path, token, body })).code;
  assert.equal(await ask({}), 'definition_invalid');
  assert.equal(await ask({ rule: 'true', segment: 'x' }), 'definition_invalid');
  assert.equal(await ask({ segment: 'x' }), 'resource_not_found');
  assert.equal(await ask({ rule: 'nobody == 1' }), 'rule_invalid');
});

test('a caller that hangs up ends the preview', async (t) => {
  const api = await startApi(t);
  await fill(api, 100);
  const token = await api.token({ scopes: [...scopes] });
  const ask = async (signal?: AbortSignal) =>
    fetch(`${api.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ rule: 'true', exact: true }),
      ...(signal !== undefined && { signal }),
    });
  const statusIs = (wanted: number) => waitFor(async () => (await ask()).status === wanted, 20_000);
  const hangUp = new AbortController();
  const asked = Array.from({ length: 2 }, () => ask(hangUp.signal));
  const settled = Promise.allSettled(asked);
  // At most two run: a third is refused while both do.
  await statusIs(503);
  hangUp.abort();
  await settled;
  await statusIs(200);
});
