/** Lists of contacts over real sockets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ListedContact } from '../../src/administration/contact/list-contacts.ts';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { listAudit } from '../../src/administration/list-audit.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { email, replace, userId } from '../stores/sample-changes.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { type RunningApi, startApi } from './start-api.ts';

const scopes = ['contacts:read', 'admin:read'] as const;

async function startFilled(t: Parameters<typeof startApi>[0]) {
  const api = await startApi(t);
  const lease = await api.writer.beginRun({ runId: 'fill', organizationId: 1, datasetId: 1 });
  const spend = api.fieldId('total_spend');
  const changes = Array.from({ length: 100 }, (_, n) =>
    replace([email(`p${n}@x.com`), userId(`${n}`)], { [spend]: n }),
  );
  await api.writer.applyBatch(lease, changes);
  return api;
}

async function readAll(api: RunningApi, token: string, query: string) {
  const found: ListedContact[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? '' : `&cursor=${cursor}`;
    const path = `/admin/v1/contacts?${query}${more}`;
    const answer = await callApi(api, { path, token });
    assert.equal(answer.status, 200, answer.body);
    const page = JSON.parse(answer.body) as { data: ListedContact[]; next_cursor: string | null };
    found.push(...page.data);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found;
}

test('pages hold every contact once, and those of a segment its members', async (t) => {
  const api = await startFilled(t);
  const token = await api.token({ scopes: [...scopes] });
  const all = await readAll(api, token, 'limit=40&fields=total_spend');
  assert.equal(new Set(all.map(({ contact_id }) => contact_id)).size, all.length);
  assert.ok(all.length >= 100);
  await createSegment(api.administration, 1, {
    name: 'Many',
    rule: 'total_spend >= 50 && total_spend < 65',
  });
  const members = await readAll(api, token, 'limit=4&segment=Many&fields=total_spend');
  const spends = members.map(({ values }) => values['total_spend'] as number);
  assert.deepEqual(
    spends.sort((one, other) => one - other),
    Array.from({ length: 15 }, (_, n) => 50 + n),
  );
  const acts = await listAudit(api.administration, 1, { limit: 1 });
  assert.equal(acts[0]?.action, 'segment.members');
  assert.match(acts[0]?.actor ?? '', /^token:/);
  assert.equal(acts[0]?.target, 'Many');
  const after = { fields: ['total_spend'], identity_types: ['email', 'email-hash'] };
  assert.deepEqual(acts[0]?.after, after);
});

test('a token sees what its lists allow, and needs both scopes', async (t) => {
  const api = await startFilled(t);
  const lists = { fields: ['first_name'], identityTypes: ['email'] };
  const token = await api.token({ scopes: [...scopes], ...lists });
  for (const { contact_id, identities, values } of await readAll(api, token, 'limit=200')) {
    assert.equal(contact_id, null);
    assert.deepEqual(Object.keys(values), ['first_name']);
    assert.ok(identities.every(({ type }) => type === 'email'));
  }
  const code = async (query: string, asked = token) =>
    readProblem(await callApi(api, { path: `/admin/v1/contacts?${query}`, token: asked })).code;
  assert.equal(await code('fields=total_spend'), 'parameter_invalid');
  assert.equal(await code('identity_types=user_id'), 'parameter_invalid');
  assert.equal(await code('segment=1'), 'resource_not_found');
  const whole = await api.token({ scopes: [...scopes] });
  assert.equal(await code('cursor=abc', whole), 'parameter_invalid');
  for (const scope of scopes) {
    assert.equal(await code('', await api.token({ scopes: [scope] })), 'scope_missing');
  }
});

test('a list of a dataset holds only contacts that have a row in it', async (t) => {
  const api = await startFilled(t);
  const { dataset } = await defineDataset(api.administration, 1, {
    name: 'shop',
    definition: {
      ...usualDefinition,
      identifiers: [{ identityType: 'email', column: 'email' }],
      columns: [{ column: 'basket', field: 'basket' }],
      format: {},
    },
    fields: new Map([['basket', { type: 'integer' }]]),
  });
  const run = { runId: 'shop', organizationId: 1, datasetId: dataset.id };
  const lease = await api.writer.beginRun(run);
  await api.writer.applyBatch(lease, [replace([email('p7@x.com')], {})]);
  const token = await api.token({ scopes: [...scopes] });
  const listed = await readAll(api, token, 'dataset=shop&fields=total_spend&limit=1');
  assert.deepEqual(
    listed.map(({ identities, values }) => [identities[0]?.value, values]),
    [['p7@x.com', { total_spend: 7 }]],
  );
  const own = await readAll(api, token, 'dataset=shop');
  assert.deepEqual(
    own.map(({ values }) => values),
    [{ basket: 0 }],
  );
  const acts = await listAudit(api.administration, 1, { limit: 1 });
  const after = { dataset: 'shop', fields: ['basket'], identity_types: ['email', 'email-hash'] };
  assert.deepEqual(acts[0]?.after, after);

  const code = async (dataset: string, asked: string) => {
    const path = `/admin/v1/contacts?dataset=${dataset}`;
    return readProblem(await callApi(api, { path, token: asked })).code;
  };
  assert.equal(await code('shops', token), 'resource_not_found');
  const restricted = await api.token({ scopes: [...scopes], fields: ['first_name'] });
  assert.equal(await code('shop', restricted), 'resource_not_found');
});
