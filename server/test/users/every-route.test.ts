/**
 * Every operation of administration, called by every role and by nobody, in the own organization
 * and with the names of another one: the table of roles decides, and nothing else.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '@usher/contract/operation';
import { operations } from '@usher/contract/operations';
import { roleNames, roles } from '@usher/contract/roles';
import { createOrganization } from '../../src/administration/organizations.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
import { callApi } from '../http/call-api.ts';
import { type RunningApi, startApi, waitFor } from '../http/start-api.ts';
import { ConsoleClient, jsonOf, makeUser } from './console-client.ts';

const administered = operations.filter(({ path }) => path.startsWith('/admin/v1/'));

/** Codes that the checks of a caller answer, before the operation itself looks at the call. */
const refusals = new Set([
  ...['session_required', 'role_missing', 'scope_missing', 'origin_not_allowed'],
  ...['confirmation_required', 'token_missing', 'token_invalid', 'rate_limited'],
]);

/** A call with names that exist nowhere, so that it changes nothing if it is let through. */
function callOf({ method, path, body }: Operation, names: Readonly<Record<string, string>> = {}) {
  const filled = path
    .replace('/admin/v1/', '/v1/')
    .replace(/\{([a-z]+)\}/g, (_, name: string) => names[name] ?? unknownName(path, name));
  return { method, path: filled, ...(body !== undefined && { body: {} }) };
}

function unknownName(path: string, name: string): string {
  if (name === 'id' && /users|sessions/.test(path)) return 'a'.repeat(12);
  if (name === 'id' && /segments|flows/.test(path)) return '999999999';
  return name === 'id' ? '00000000-0000-7000-8000-000000000000' : 'nothing_here';
}

async function codeOf(client: ConsoleClient, call: ReturnType<typeof callOf>): Promise<string> {
  for (;;) {
    const answer = await client.call(call);
    if (answer.status < 400) return 'done';
    const code = String(jsonOf(answer)['code']);
    if (code !== 'rate_limited') return code;
  }
}

test('a user may call exactly the operations whose permission the role has', async (t) => {
  const api = await startApi(t, { isUnhurried: true });
  const wrong: string[] = [];
  await makeUser(api, 'admin', { email: 'other@example.com' });
  for (const role of roleNames) {
    const { client } = await makeUser(api, role);
    for (const operation of administered) {
      const code = await codeOf(client, callOf(operation));
      const { permission } = operation;
      const isAllowed = permission !== undefined && roles[role].includes(permission);
      const isRight = isAllowed ? !refusals.has(code) : code === 'role_missing';
      if (!isRight) wrong.push(`${role} ${operation.id}: ${code}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('without a session, nothing can be called, whatever else is sent', async (t) => {
  const api = await startApi(t, { isUnhurried: true });
  const token = await api.token({
    scopes: ['admin:read', 'admin:write', 'contacts:read', 'contacts:write', 'privacy:write'],
  });
  const { client } = await makeUser(api, 'admin');
  const cookie = [...client.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const wrong: string[] = [];
  for (const operation of administered) {
    const call = callOf(operation);
    const byToken = await codeOf(
      new ConsoleClient(api, { authorization: `Bearer ${token}` }),
      call,
    );
    if (byToken !== 'session_required') wrong.push(`token ${operation.id}: ${byToken}`);
    const path = call.path.replace('/v1/', '/admin/v1/');
    const byCookie = await callApi(api, { ...call, path, headers: { cookie } });
    // After some failures the address must wait.
    if (![401, 429].includes(byCookie.status))
      wrong.push(`cookie ${operation.id}: ${byCookie.status}`);
  }
  assert.deepEqual(wrong, []);
});

/** Names of things that the organization `other` has, and the caller's does not. */
async function fillOther(api: RunningApi) {
  const { administration } = api;
  const other = await createOrganization(administration, 'other', {});
  const victim = await makeUser(api, 'support', {
    organizationId: other.id,
    email: 'victim@example.com',
  });
  const segment = await createSegment(administration, other.id, {
    name: 'secret segment',
    rule: 'true',
  });
  await waitFor(async () => (await victim.client.call({ path: '/session' })).status === 200);
  const sessions = jsonOf(await victim.client.call({ path: '/sessions' }));
  const [session] = sessions['data'] as { id: string }[];
  return { victim, segment, sessionId: session?.id ?? '', organizationId: other.id };
}

test('a user sees and changes nothing of another organization, by any operation', async (t) => {
  const api = await startApi(t, { isUnhurried: true });
  const { victim, segment, sessionId } = await fillOther(api);
  const { client } = await makeUser(api, 'admin');
  const wrong: string[] = [];
  for (const operation of administered) {
    const id = /users/.test(operation.path)
      ? victim.id
      : /sessions/.test(operation.path)
        ? sessionId
        : String(segment.id);
    const call = callOf(operation, { id });
    const answer = await client.call(call);
    const isEmpty = operation.method === 'GET' && !operation.path.includes('{');
    const isRefused = answer.status >= 400;
    const names = /victim@example|secret segment/.test(answer.body);
    if (names || !(isEmpty || isRefused))
      wrong.push(`${operation.id}: ${answer.body.slice(0, 80)}`);
  }
  // Some operations take any body, and answer about their own organization only.
  assert.deepEqual(wrong, []);
  assert.equal((await victim.client.call({ path: '/session' })).status, 200);
});
