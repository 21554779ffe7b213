/** Who may explain a contact over HTTP, what a token sees of it, and what the audit log says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateField } from '../../src/administration/fields.ts';
import { createFlow } from '../../src/administration/flow/flows.ts';
import { listAudit } from '../../src/administration/list-audit.ts';
import { createOrganization } from '../../src/administration/organizations.ts';
import { createToken, revokeToken } from '../../src/administration/token/tokens.ts';
import { callApi } from './call-api.ts';
import { limitAge } from './start-computed.ts';
import { scopes, startExplain } from './start-explain.ts';

const tom = 'email:tom@hello.com';
const idOf = (text: string) => text.slice(4, 16);

test('an explanation needs both scopes, no list of fields and no dataset', async (t) => {
  const { api, refuse } = await startExplain(t);
  for (const request of [
    { scopes: ['admin:read'] },
    { scopes: ['contacts:read'] },
    { scopes, fields: ['first_name'] },
    { scopes: [...scopes, 'contacts:write'], dataset: 'shop' },
  ] as const) {
    const token = await api.token(request);
    assert.deepEqual(await refuse(tom, null, token), [403, 'scope_missing']);
  }
});

test('a token with a list of identity types sees no identity of another type', async (t) => {
  const { api, push, segment, explain, refuse, merge } = await startExplain(t);
  await push({ user: 'u-4711', city: 'Bern' });
  await push({ user: 'u-4712', email: 'tom@hello.com', city: 'Basel' });
  await merge('user_id:u-4711', 'user_id:u-4712');
  await segment('All', 'true');
  const halves = [...'AB'].map((name) => ({ name, weight: 50 }));
  const flow = { segment: 'All', status: 'live', variants: halves };
  for (const unit of ['user_id', 'contact', 'email']) {
    await createFlow(api.administration, 1, { ...flow, name: unit, unit });
  }
  const whole = await explain(tom);
  assert.ok(whole.flows.every(({ unit_value }) => unit_value !== null));
  const by = await api.token({ scopes, identityTypes: ['email'] });
  const explained = await explain(tom, null, by);
  const text = JSON.stringify(explained);
  assert.ok(!text.includes('u-4711') && !text.includes('u-4712'));
  assert.ok(!text.includes(whole.contact_id ?? ''));
  assert.deepEqual([explained.contact_id, explained.other_ids], [null, []]);
  const values = new Map(explained.flows.map(({ name, unit_value }) => [name, unit_value]));
  assert.deepEqual([values.get('user_id'), values.get('contact')], [null, null]);
  assert.notEqual(values.get('email'), null);
  const slots = new Map(explained.flows.map(({ name, slot }) => [name, slot]));
  assert.deepEqual([slots.get('user_id'), slots.get('contact')], [null, null]);
  assert.equal(typeof slots.get('email'), 'number');
  assert.deepEqual(await refuse('user_id:u-4711', null, by), [403, 'identity_type_not_allowed']);
});

test('a value that neither look-ups nor rules may use is hidden from tokens', async (t) => {
  const { api, push, computed, explain, fieldIn, merge } = await startExplain(t);
  await push({ user: '1', city: 'Secret Bern' });
  await push({ user: '2', email: 'tom@hello.com', city: 'Secret Basel' });
  await merge('user_id:1', 'user_id:2');
  await computed('town', 'shop_city.upperAscii()', { content: false });
  const settings = { content: false, condition: false };
  for (const name of ['shop_city', 'town']) {
    await updateField(api.administration, 1, { name, settings, force: true });
  }
  const explained = await explain(tom);
  const { value, from, dataset, overrode } = fieldIn(explained, 'shop_city');
  assert.deepEqual([value, from, dataset], [null, 'hidden', 'shop']);
  assert.deepEqual(
    overrode.map((one) => [one.by, one.value]),
    [['other_row', null]],
  );
  assert.doesNotMatch(JSON.stringify(explained), /secret/i);
});

test('a computed field is hidden from tokens as the fields in its rule are', async (t) => {
  const { api, push, computed, explain, fieldIn } = await startExplain(t);
  await push({ email: 'tom@hello.com', city: 'Secret Bern' });
  await computed('early', 'coalesce(shop_city, "none")', { content: false });
  await computed('later', 'early.upperAscii()', { content: false });
  await computed('answered', 'size(early)', { content: true });
  const hidden = { content: false, condition: false };
  await updateField(api.administration, 1, { name: 'shop_city', settings: hidden, force: true });
  await computed('new_one', 'shop_city + "!"');
  const explained = await explain(tom);
  for (const name of ['early', 'later', 'new_one']) {
    const { value, from } = fieldIn(explained, name);
    assert.deepEqual([name, value, from], [name, null, 'hidden']);
  }
  assert.equal(fieldIn(explained, 'answered').value, 11);
  assert.doesNotMatch(JSON.stringify(explained), /secret bern/i);
});

test('what a token sees is what its look-up answers, and the rest has a reason', async (t) => {
  const { api, push, computed, contact, explain } = await startExplain(t);
  const { administration } = api;
  await push({ email: 'tom@hello.com', city: 'Bern' });
  await computed('rich', 'total_spend > 5');
  await updateField(administration, 1, { name: 'shoe_size', settings: { content: false } });
  const whole = await api.token();
  const { token } = await explain(tom, idOf(whole));
  const { shop_city, total_spend } = token?.answer ?? {};
  assert.deepEqual([shop_city, total_spend], ['Bern', '$241.56']);
  const names = Object.keys(token?.answer ?? {});
  assert.deepEqual(Object.keys(await contact(tom, names)), names);
  const reasons = async (ref: string) => {
    const { left_out = [] } = (await explain(tom, ref)).token ?? {};
    return Object.fromEntries(left_out.map(({ field, reason }) => [field, reason]));
  };
  assert.deepEqual(await reasons(idOf(whole)), {
    shoe_size: 'not_content',
    recent_events: 'not_content',
  });
  const fields = ['total_spend', 'rich', 'shoe_size'];
  const narrow = await api.token({ fields });
  const seen = (await explain(tom, idOf(narrow))).token;
  assert.deepEqual(seen?.answer, { total_spend: '$241.56', rich: true });
  const left = await reasons(idOf(narrow));
  assert.deepEqual(
    [left['first_name'], left['segment_membership'], left['shoe_size'], left['total_spend']],
    ['not_allowed', 'not_allowed', 'not_content', undefined],
  );
  await limitAge(api, { ms: 60_000, policy: 'withhold' });
  const old = await explain(tom, idOf(narrow));
  assert.deepEqual(old.token?.answer, { total_spend: null, rich: false });
  const now = await reasons(idOf(narrow));
  assert.deepEqual([now['total_spend'], now['rich']], ['withheld', 'approximate']);
});

test('a token that gets no answer says why, and shows none', async (t) => {
  const { api, explain } = await startExplain(t);
  const { administration } = api;
  const told = async (text: string) => {
    const { refused, answer, left_out } = (await explain(tom, idOf(text))).token ?? {};
    assert.deepEqual([answer, left_out], [null, []]);
    return refused;
  };
  const revoked = await api.token();
  await revokeToken(administration, 1, { reference: idOf(revoked) });
  assert.deepEqual(await told(revoked), ['revoked']);
  assert.deepEqual(await told(await api.token({ scopes: ['admin:read'] })), ['scope_missing']);
  const identityTypes = ['user_id'];
  assert.deepEqual(await told(await api.token({ identityTypes })), ['identity_type_not_allowed']);
  const past = { ...administration, clock: () => Date.now() - 7_200_000 };
  const request = { createdBy: 'old@example.com', expires: '1h' };
  assert.deepEqual(await told((await createToken(past, 1, request)).text), ['expired']);
});

test('a reference to no token, to several, or to one of others is refused', async (t) => {
  const { api, refuse } = await startExplain(t);
  const { administration } = api;
  const other = await createOrganization(administration, 'other');
  const theirs = await createToken(administration, other.id, { createdBy: 'eve@example.com' });
  for (const reference of [theirs.token.id, 'eve@example.com', theirs.text, 'abcdefghijkl']) {
    assert.deepEqual(await refuse(tom, reference), [404, 'resource_not_found'], reference);
  }
  assert.deepEqual(await refuse(tom, 'test@example.com'), [409, 'token_ambiguous']);
  assert.deepEqual(await refuse(tom, ''), [422, 'definition_invalid']);
  assert.deepEqual(await refuse(tom, 'x'.repeat(600)), [422, 'definition_invalid']);
});

test('each explanation is in the audit log, without identities and values', async (t) => {
  const { api, explain, refuse, reader } = await startExplain(t);
  const token = await api.token();
  const { contact_id } = await explain(tom, idOf(token));
  await refuse('email:nobody@hello.com');
  const path = '/admin/v1/contacts/identities';
  await callApi(api, { method: 'POST', path, token: reader, body: { identity: tom } });
  const acts = await listAudit(api.administration, 1, { limit: 20 });
  const own = acts.filter(({ action }) => action.startsWith('contact.'));
  const actor = `token:${idOf(reader)}`;
  assert.deepEqual(
    own.map(({ id: _, at: __, ...entry }) => entry),
    [
      ['contact.identities', null],
      ['contact.explain', null],
      ['contact.explain', { token: idOf(token) }],
    ].map(([action, after]) => ({ actor, action, target: 'one contact', before: null, after })),
  );
  const text = JSON.stringify(own);
  for (const personal of ['tom', 'nobody', 'Tom', contact_id]) {
    assert.ok(!text.includes(personal ?? ''), personal ?? '');
  }
});

test('2,000 segments are explained in one answer', async (t) => {
  const { api, explain } = await startExplain(t);
  await api.administration.catalog.change({ actor: 'operator:test', atMs: 1 }, async (change) => {
    for (let id = 1; id <= 2_000; id += 1) {
      const spend = { kind: 'field', id: api.fieldId('total_spend') } as const;
      const rule = [spend, ` > ${id}.0 && true`];
      await change.insertSegment(1, { id, name: `S ${id}`, description: null, rule });
    }
    const audit = { action: 'test', target: 'all', before: null, after: null };
    return { result: undefined, audit: [{ organizationId: 1, ...audit }] };
  });
  const { segments } = await explain(tom);
  assert.equal(segments.length, 2_000);
  assert.equal(segments.filter(({ is_member }) => is_member).length, 241);
  assert.ok(segments.every(({ clauses }) => clauses.length === 2));
});
