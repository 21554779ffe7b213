/** The audit log over real sockets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditEntrySchema } from '@usher/contract/audit-schema';
import type { AuditEntryView } from '../../src/administration/list-audit.ts';
import { createOrganization } from '../../src/administration/organizations.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { startApi } from './start-api.ts';

const path = '/admin/v1/audit';

interface Page {
  readonly data: readonly AuditEntryView[];
  readonly next_cursor: string | null;
}

async function startAudit(t: Parameters<typeof startApi>[0]) {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['admin:read'] });
  const ask = (query: string, by = token) => callApi(api, { path: path + query, token: by });
  const page = async (query: string): Promise<Page> => {
    const answer = await ask(query);
    assert.equal(answer.status, 200, answer.body);
    const read = JSON.parse(answer.body) as Page;
    for (const entry of read.data) assert.deepEqual(shapeFaults(auditEntrySchema, entry), []);
    return read;
  };
  return { api, ask, page };
}

test('the audit log is read page by page, newest first', async (t) => {
  const { api, page } = await startAudit(t);
  const whole = (await page('')).data;
  assert.deepEqual(whole[0]?.action, 'token.create');
  const found: AuditEntryView[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? '' : `&cursor=${cursor}`;
    const read = await page(`?limit=2${more}`);
    found.push(...read.data);
    cursor = read.next_cursor;
  } while (cursor !== null);
  assert.deepEqual(found, whole);
  assert.ok(found.length > 2);
  const other = await createOrganization(api.administration, 'other');
  assert.ok(!(await page('')).data.some(({ target }) => target === other.name));
});

test('filters choose entries by actor, action, target and time', async (t) => {
  const { api, page } = await startAudit(t);
  const maker = await api.token({ scopes: ['admin:read', 'admin:write'] });
  const body = { name: 'loyalty', normalisation: 'exact' };
  const call = { method: 'POST', path: '/admin/v1/identity-types', token: maker, body };
  assert.equal((await callApi(api, call)).status, 201);
  const actions = async (query: string) => (await page(query)).data.map(({ action }) => action);
  assert.deepEqual(await actions('?actor=token'), ['identity_type.create']);
  assert.deepEqual(await actions(`?actor=token:${maker.slice(4, 16)}&action=identity_type`), [
    'identity_type.create',
  ]);
  assert.deepEqual(await actions('?actor=operator&target=LOYAL'), []);
  assert.deepEqual(await actions('?target=LOYAL'), ['identity_type.create']);
  assert.ok((await actions('?since=2020-01-01T00:00:00Z')).length > 0);
  assert.deepEqual(await actions('?until=2020-01-01T00:00:00Z'), []);
  assert.deepEqual(await actions('?since=2999-01-01T00:00:00Z'), []);
});

test('a filter tells changes from reads, and every look at contacts is a read', async (t) => {
  const { api, page } = await startAudit(t);
  const reader = await api.token({ scopes: ['admin:read', 'contacts:read'] });
  const body = { query: 'tom@hello.com' };
  const call = { method: 'POST', path: '/admin/v1/contacts/search', token: reader, body };
  assert.equal((await callApi(api, call)).status, 200);
  const actions = async (query: string) => (await page(query)).data.map(({ action }) => action);
  assert.deepEqual(await actions('?kind=reads'), ['contact.search']);
  const changes = await actions('?kind=changes');
  assert.ok(changes.includes('token.create'));
  assert.ok(!changes.includes('contact.search'));
  assert.equal((await actions('')).length, changes.length + 1);
  assert.deepEqual(await actions('?kind=changes&action=contact.search'), []);
});

test('a cursor belongs to its filters, and faults of parameters are named', async (t) => {
  const { ask, page } = await startAudit(t);
  const { next_cursor } = await page('?limit=1&actor=operator');
  assert.ok(next_cursor !== null);
  const fault = async (query: string) => {
    const { code, parameter } = readProblem(await ask(query));
    return [code, parameter];
  };
  assert.deepEqual(await fault(`?limit=1&actor=token&cursor=${next_cursor}`), [
    'parameter_invalid',
    'cursor',
  ]);
  assert.deepEqual(await fault('?since=2026-02-30T00:00:00Z'), ['parameter_invalid', 'since']);
  assert.deepEqual(await fault('?action=Token.Create'), ['parameter_invalid', 'action']);
});

test('the audit log needs admin:read and no list of fields', async (t) => {
  const { api, ask } = await startAudit(t);
  for (const request of [
    { scopes: ['contacts:read'] },
    { scopes: ['admin:read'], fields: ['first_name'] },
    { scopes: ['admin:read', 'contacts:write'], dataset: 'crm' },
  ] as const) {
    assert.equal(readProblem(await ask('', await api.token(request))).code, 'scope_missing');
  }
});
