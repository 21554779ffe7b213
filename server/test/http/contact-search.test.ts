/** Searching contacts over real sockets: what is found, what is shown, and what is noted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contactCandidatesSchema } from '@usher/contract/contact-search-schema';
import type { FoundContacts } from '../../src/administration/contact/search-contacts.ts';
import { listAudit } from '../../src/administration/list-audit.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { startComputed } from './start-computed.ts';

const scopes = ['admin:read', 'contacts:read'] as const;
const path = '/admin/v1/contacts/search';

async function startSearch(t: Parameters<typeof startComputed>[0]) {
  const started = await startComputed(t, { texts: ['shop_first_name', 'shop_last_name'] });
  const { api } = started;
  const reader = await api.token({ scopes });
  const ask = (body: unknown, token = reader) =>
    callApi(api, { method: 'POST', path, token, body });
  const search = async (query: string, type?: string, token = reader) => {
    const answer = await ask({ query, ...(type !== undefined && { type }) }, token);
    assert.equal(answer.status, 200, answer.body);
    const found = JSON.parse(answer.body) as FoundContacts;
    assert.deepEqual(shapeFaults(contactCandidatesSchema, found), []);
    return found;
  };
  return { ...started, ask, search };
}

test('a contact is found by any identity, and the answer says how the text was read', async (t) => {
  const { push, search } = await startSearch(t);
  const name = { first_name: 'Jenna', last_name: 'Parker' };
  await push({ user: '4711', email: 'jenna@hello.com', ...name });
  const byMail = await search(' Jenna@Hello.com ');
  assert.deepEqual(
    [byMail.type, byMail.is_guessed, byMail.alternatives],
    ['email', true, ['user_id']],
  );
  const [jenna] = byMail.candidates;
  assert.equal(jenna?.matched_identity, 'email:jenna@hello.com');
  assert.deepEqual(jenna?.identities.map(({ type, value }) => `${type}:${value}`).toSorted(), [
    'email:jenna@hello.com',
    'user_id:4711',
  ]);
  const byNumber = await search('4711');
  assert.equal(byNumber.type, 'user_id');
  assert.equal(byNumber.candidates[0]?.contact_id, jenna?.contact_id);
  const byId = await search(jenna?.contact_id ?? '');
  assert.deepEqual([byId.type, byId.candidates.length], ['id', 1]);
});

test('the name is made of the fields that hold one', async (t) => {
  const { api, push, search } = await startSearch(t);
  await push(
    { user: '1', first_name: ' Jenna ', last_name: 'Parker' },
    { user: '2', city: 'Bern' },
  );
  const [jenna] = (await search('1')).candidates;
  // `first_name` of another dataset is the exact word, and counts first.
  assert.deepEqual(jenna?.name_fields, ['first_name', 'shop_last_name']);
  assert.equal(jenna?.display_name, 'Parker');
  assert.equal((await search('2')).candidates[0]?.display_name, null);
  assert.equal((await search('tom@hello.com')).candidates[0]?.display_name, 'Tom');
  const narrow = await api.token({ scopes, fields: ['shop_first_name'] });
  assert.equal((await search('1', undefined, narrow)).candidates[0]?.display_name, 'Jenna');
  const other = await api.token({ scopes, fields: ['shop_city'] });
  const [unnamed] = (await search('1', undefined, other)).candidates;
  assert.deepEqual([unnamed?.display_name, unnamed?.name_fields], [null, []]);
});

test('a text that is an identity of two contacts finds both, and a type corrects the guess', async (t) => {
  const { push, search, ask } = await startSearch(t);
  await push({ user: 'tom@hello.com', city: 'Bern' });
  const both = await search('tom@hello.com');
  assert.deepEqual(
    both.candidates.map((one) => one.matched_type),
    ['email', 'user_id'],
  );
  const one = await search('tom@hello.com', 'user_id');
  assert.deepEqual([one.type, one.is_guessed, one.alternatives], ['user_id', false, ['email']]);
  assert.deepEqual(one.candidates, both.candidates.slice(1));
  assert.deepEqual((await search('nobody')).candidates, []);
  assert.deepEqual((await search('nobody')).type, 'user_id');
  const refused = async (body: unknown) => readProblem(await ask(body)).code;
  assert.equal(await refused({ query: 'tom', type: 'email' }), 'identity_value_invalid');
  assert.equal(await refused({ query: 'tom', type: 'loyalty' }), 'identity_type_unknown');
  assert.equal(await refused({ query: '' }), 'definition_invalid');
});

test('a phone number without its country finds a contact, and is said to be a guess', async (t) => {
  const { api, search, ask } = await startSearch(t);
  const token = await api.token({ scopes: [...scopes, 'admin:write', 'contacts:write'] });
  const send = async (method: 'POST' | 'PUT', to: string, body: unknown) => {
    const { status, body: answer } = await callApi(api, { method, path: to, token, body });
    assert.ok(status < 300, answer);
  };
  await send('POST', '/admin/v1/identity-types', { name: 'phone', normalisation: 'phone' });
  const calls = {
    source: { kind: 'push' },
    identifiers: { phone: 'phone' },
    fields: { nickname: { type: 'string' } },
  };
  await send('PUT', '/admin/v1/datasets/calls', { definition: calls });
  // A new token is known when the threads have read the definition, too.
  await api.token();
  const rows = [{ phone: '+14255551018', nickname: 'Hugo' }];
  await send('POST', '/ingest/v1/contacts', { dataset: 'calls', rows });
  for (const type of [undefined, 'phone']) {
    const found = await search('(425) 555-1018', type);
    assert.deepEqual([found.lacks_country, found.read_as], [true, '+14255551018']);
    const [hugo] = found.candidates;
    assert.deepEqual(
      [hugo?.matched_identity, hugo?.is_country_guessed, found.candidates.length],
      ['phone:+14255551018', true, 1],
    );
  }
  const whole = await search('+1 425 555 1018');
  assert.deepEqual([whole.lacks_country, whole.read_as], [false, null]);
  assert.equal(whole.candidates[0]?.is_country_guessed, false);
  const lookUp = await callApi(api, {
    path: '/audience/v2/contacts?identity=phone:4255551018',
    token,
  });
  assert.notEqual(lookUp.status, 200, 'a look-up guesses nothing');
  await callApi(api, {
    ...{ method: 'PATCH', path: '/admin/v1/organization', token },
    body: { locale: 'en' },
  });
  const unguessed = await search('0425 555 1018');
  assert.deepEqual([unguessed.lacks_country, unguessed.read_as], [true, null]);
  const refused = readProblem(await ask({ query: '0425 555 1018', type: 'phone' }));
  assert.match(refused.detail ?? '', /Write the number with its country/);
});

test('a contact that two texts lead to is shown once', async (t) => {
  const { push, search } = await startSearch(t);
  await push({ user: 'tom@hello.com', email: 'tom@hello.com' });
  const { candidates } = await search('tom@hello.com');
  assert.deepEqual(
    candidates.map((one) => one.matched_type),
    ['email'],
  );
});

test('a token with lists searches and sees only its identity types', async (t) => {
  const { api, push, ask, search } = await startSearch(t);
  await push({ user: 'u-4711', email: 'jenna@hello.com' });
  const token = await api.token({ scopes, identityTypes: ['email'] });
  const found = await search('jenna@hello.com', undefined, token);
  assert.deepEqual(found.alternatives, []);
  assert.equal(found.candidates[0]?.contact_id, null);
  assert.ok(!JSON.stringify(found).includes('u-4711'));
  assert.deepEqual(await search('u-4711', undefined, token), {
    ...{ type: null, is_guessed: true, alternatives: [], candidates: [] },
    ...{ lacks_country: false, read_as: null },
  });
  const refused = readProblem(await ask({ query: 'u-4711', type: 'user_id' }, token));
  assert.equal(refused.code, 'identity_type_unknown');
  assert.ok(!JSON.stringify(refused).includes('phone'));
});

test('a search needs both scopes, and the audit log notes it without the query', async (t) => {
  const { api, ask, search } = await startSearch(t);
  for (const scope of scopes) {
    const token = await api.token({ scopes: [scope] });
    assert.equal(readProblem(await ask({ query: 'tom@hello.com' }, token)).code, 'scope_missing');
  }
  await search('tom@hello.com');
  const [noted] = await listAudit(api.administration, 1, { limit: 1 });
  assert.deepEqual([noted?.action, noted?.target], ['contact.search', 'contacts']);
  assert.ok(!JSON.stringify(noted).includes('tom@'));
});
