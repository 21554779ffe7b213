/** Previews over real sockets, counted by a process of their own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { previewStepSchema } from '@usher/contract/preview-schema';
import { listAudit } from '../../src/administration/list-audit.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
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

test('the steps of a preview arrive one after the other, and the whole preview last', async (t) => {
  const api = await startApi(t);
  await fill(api, 100);
  const token = await api.token({ scopes: [...scopes] });
  const body = { rule: 'total_spend >= 90', exact: true };
  const answer = await callApi(api, { method: 'POST', path: `${path}/steps`, token, body });
  assert.equal(answer.status, 200, answer.body);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/x-ndjson/);
  const steps = answer.body
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const step of steps) assert.deepEqual(shapeFaults(previewStepSchema, step), []);
  const kinds = steps.flatMap((step) => Object.keys(step));
  assert.deepEqual([kinds.at(0), kinds.at(1), kinds.at(-1)], ['estimate', 'progress', 'preview']);
  assert.deepEqual(steps[1].progress.total, steps.at(-1).preview.contacts);
  const whole = await callApi(api, { method: 'POST', path, token, body });
  const { exact, contacts } = JSON.parse(whole.body);
  assert.deepEqual([steps.at(-1).preview.exact, steps.at(-1).preview.contacts], [exact, contacts]);
});

test('a token that may not use ids of contacts sees none in the sample', async (t) => {
  const api = await startApi(t);
  await fill(api, 20);
  const token = await api.token({ scopes: [...scopes], identityTypes: ['email'] });
  const call = { method: 'POST', token, body: { rule: 'total_spend > 0' } } as const;
  const { sample } = JSON.parse((await callApi(api, { ...call, path })).body);
  const steps = (await callApi(api, { ...call, path: `${path}/steps` })).body.trimEnd().split('\n');
  const { preview } = JSON.parse(steps.at(-1) ?? '');
  for (const shown of [sample, preview.sample]) {
    assert.equal(shown.length, 10);
    assert.ok(shown.every((it: { contact_id: unknown }) => it.contact_id === null));
  }
});

test('a preview needs both scopes and no lists', async (t) => {
  const api = await startApi(t);
  const tokens = [
    { scopes: ['admin:read'] },
    { scopes: ['contacts:read'] },
    { scopes: [...scopes], fields: ['first_name'] },
    { scopes: [...scopes, 'contacts:write'], dataset: 'crm' },
  ] as const;
  for (const request of tokens) {
    const token = await api.token(request);
    for (const asked of [path, `${path}/steps`]) {
      const call = { method: 'POST', path: asked, token, body: { rule: 'true' } } as const;
      assert.equal(readProblem(await callApi(api, call)).code, 'scope_missing');
    }
  }
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

for (const asked of [path, `${path}/steps`]) {
  test(`a caller of ${asked} that hangs up ends the preview`, async (t) => {
    const api = await startApi(t);
    await fill(api, 100);
    const token = await api.token({ scopes: [...scopes] });
    const ask = async (signal?: AbortSignal) =>
      fetch(`${api.url}${asked}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ rule: 'true', exact: true }),
        ...(signal !== undefined && { signal }),
      });
    const statusIs = (wanted: number) =>
      waitFor(async () => {
        const answer = await ask();
        await answer.body?.cancel();
        return answer.status === wanted;
      }, 20_000);
    const hangUp = new AbortController();
    const begun = Array.from({ length: 2 }, () => ask(hangUp.signal));
    const settled = Promise.allSettled(begun);
    // At most two run: a third is refused while both do.
    await statusIs(503);
    hangUp.abort();
    await settled;
    await statusIs(200);
  });
}
