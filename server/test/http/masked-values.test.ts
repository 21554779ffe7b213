/** Users of the console see of a contact's values what their role allows, and reveal others. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { explanationSchema } from '@usher/contract/explain-schema';
import { revealedValueSchema } from '@usher/contract/reveal-schema';
import type { RoleName } from '@usher/contract/roles';
import { updateField } from '../../src/administration/fields.ts';
import { putExclusionGroup } from '../../src/administration/flow/exclusion-groups.ts';
import { createFlow } from '../../src/administration/flow/flows.ts';
import { setGlobalHoldout } from '../../src/administration/flow/global-holdout.ts';
import type { Explanation } from '../../src/explain/explain-everything.ts';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { approved } from '../administration/approved.ts';
import { type ConsoleClient, jsonOf, makeUser } from '../users/console-client.ts';
import { callApi } from './call-api.ts';
import { startApi, waitFor } from './start-api.ts';
import { startComputed } from './start-computed.ts';
import { startNoted } from './start-noted.ts';

/** Each value is of one sensitivity; the city's field has none. */
const row = { user: 'u1', email: 'kept@hidden.example', spend: 4217.5, city: 'Trondheim' };
const secrets = { spend: '4217.5', city: 'Trondheim', tags: 'allergic', email: row.email };

async function startMasked(t: TestContext) {
  const started = await startComputed(t);
  const { api, push, segment } = started;
  const settings = { shop_spend: 'internal', shop_tags: 'sensitive' } as const;
  for (const [name, sensitivity] of Object.entries(settings)) {
    await updateField(api.administration, 1, { name, settings: { sensitivity, content: true } });
  }
  await updateField(api.administration, 1, { name: 'shop_city', settings: { content: true } });
  await segment('known', 'shop_city == "Trondheim" && "allergic" in shop_tags');
  await push({ ...row, tags: ['allergic'] });
  const answerer = await api.token();
  const client = async (role: RoleName) => (await makeUser(api, role)).client;
  return { ...started, answerer, client };
}

async function post(client: ConsoleClient, path: string, body: object) {
  const answer = await client.call({ method: 'POST', path: `/v1/contacts/${path}`, body });
  return { status: answer.status, text: answer.body, json: jsonOf(answer) };
}

test('a user sees the values that the role allows, and no other anywhere', async (t) => {
  const { client, answerer } = await startMasked(t);
  const sees: Readonly<Partial<Record<RoleName, readonly string[]>>> = {
    admin: ['spend', 'city', 'email'],
    support: ['spend', 'city', 'email'],
    engineer: ['spend'],
    analyst: ['spend'],
    auditor: ['spend'],
  };
  for (const [role, seen] of Object.entries(sees)) {
    const user = await client(role as RoleName);
    const token = answerer.slice(4, 16);
    const explained = await post(user, 'explain', { identity: 'user_id:u1', token });
    assert.equal(explained.status, 200, explained.text);
    assert.deepEqual(shapeFaults(explanationSchema, explained.json), []);
    const { segments } = explained.json as unknown as Explanation;
    const asked = segments.map((it) => ({ ...it, rule: '', clauses: it.clauses.map(withoutRule) }));
    const shown = JSON.stringify({ ...explained.json, segments: asked });
    for (const [name, secret] of Object.entries(secrets)) {
      assert.equal(shown.includes(secret), seen.includes(name), `${role} sees ${name}`);
    }
    // With a rule over a sensitive field, its truth would tell the value.
    const truths = segments[0]?.clauses.map(({ is_true }) => is_true);
    assert.deepEqual(truths, [true, null], role);
    const found = await post(user, 'search', { query: 'u1', type: 'user_id' });
    assert.equal(found.text.includes(row.email), seen.includes('email'), `${role} finds`);
    const identities = await post(user, 'identities', { identity: 'user_id:u1' });
    assert.equal(identities.text.includes(row.email), seen.includes('email'), `${role} reads`);
  }
});

function withoutRule<Clause extends object>(clause: Clause) {
  return { ...clause, rule: '' };
}

test('a computed copy of a masked value is masked wherever values are shown', async (t) => {
  const { api, client } = await startMasked(t);
  const user = await client('marketer');
  const create = (body: object) => user.call({ method: 'POST', path: '/v1/computed-fields', body });
  const bold = await create({ name: 'full_name', rule: 'shop_city', sensitivity: 'public' });
  assert.deepEqual([bold.status, jsonOf(bold)['code']], [403, 'role_missing'], bold.body);
  const made = await create({ name: 'full_name', rule: 'shop_city' });
  assert.equal(made.status, 201, made.body);
  const settings = { name: 'full_name', settings: { content: true } };
  await updateField(api.administration, 1, settings);
  await api.token();
  const explained = await post(user, 'explain', { identity: 'user_id:u1' });
  const { fields } = explained.json as unknown as Explanation;
  const copy = fields.find(({ field }) => field === 'full_name');
  assert.deepEqual([copy?.value, copy?.masked, copy?.from], [null, true, 'computed']);
  const found = await post(user, 'search', { query: 'u1', type: 'user_id' });
  const listed = await user.call({ path: '/v1/contacts' });
  const preview = await user.call({
    ...{ method: 'POST', path: '/v1/segments/preview' },
    body: { rule: 'full_name != ""' },
  });
  assert.equal(preview.status, 200, preview.body);
  assert.ok(preview.body.includes('"full_name":"***"'), preview.body);
  for (const answer of [found.text, listed.body, preview.body]) {
    assert.ok(!answer.includes('Trondheim'), answer);
  }
  const byAdmin = await (await client('admin')).call({
    ...{ method: 'PATCH', path: '/v1/computed-fields/full_name' },
    body: { sensitivity: 'internal' },
  });
  assert.equal(byAdmin.status, 200, byAdmin.body);
  await api.token();
  const now = await user.call({ path: '/v1/contacts' });
  assert.ok(now.body.includes('"full_name":"Trondheim"'), now.body);
});

test('a rule that is not saved is previewed only by who could save it', async (t) => {
  const { client } = await startMasked(t);
  const rule = 'shop_city >= "M"';
  const path = '/v1/segments/preview';
  for (const role of ['analyst', 'auditor', 'support'] as const) {
    const user = await client(role);
    const own = await user.call({ method: 'POST', path, body: { rule, exact: true } });
    assert.deepEqual([own.status, jsonOf(own)['code']], [403, 'role_missing'], own.body);
    const steps = await user.call({
      ...{ method: 'POST', path: `${path}/steps` },
      body: { rule, exact: true },
    });
    assert.equal(steps.status, 403, steps.body);
  }
});

test('counts of a rule over sensitive fields are told to nobody who may not reveal them', async (t) => {
  const { client } = await startMasked(t);
  const path = '/v1/segments/preview';
  const ask = async (role: RoleName, rule: string) =>
    (await (await client(role)).call({ method: 'POST', path, body: { rule } })).status;
  assert.equal(await ask('marketer', '"allergic" in shop_tags'), 403);
  assert.equal(await ask('engineer', '"allergic" in shop_tags'), 403);
  assert.equal(await ask('admin', '"allergic" in shop_tags'), 200);
});

test('no slot tells the hash of an identity that is masked', async (t) => {
  const { api, client } = await startMasked(t);
  const { administration } = api;
  const variants = [...'AB'].map((name) => ({ name, weight: 50 }));
  for (const unit of ['email', 'contact']) {
    await createFlow(administration, 1, { name: unit, segment: 'known', unit, variants });
  }
  const group = { name: 'own', unit: 'email', flows: [{ flow: 'email', share: 100 }] };
  await approved(administration, (by) => putExclusionGroup(by, 1, group));
  await approved(administration, (by) => setGlobalHoldout(by, 1, { percent: 1, unit: 'email' }));
  await api.token();
  const flowsOf = async (role: RoleName) => {
    const { json } = await post(await client(role), 'explain', { identity: 'user_id:u1' });
    const { flows } = json as unknown as Explanation;
    return new Map(flows.map((flow) => [flow.name, flow]));
  };
  const seen = await flowsOf('support');
  const { slot, group: whole, global_holdout: held } = seen.get('email') ?? {};
  for (const one of [slot, whole?.slot, held?.slot]) assert.equal(typeof one, 'number');
  const flows = await flowsOf('marketer');
  const email = flows.get('email');
  for (const one of [email, email?.group, email?.global_holdout]) {
    assert.deepEqual([one?.slot, one?.unit_value], [null, null]);
  }
  assert.equal(email?.group?.owner, null);
  assert.equal(email?.variant, seen.get('email')?.variant);
  assert.equal(typeof flows.get('contact')?.slot, 'number');
});

test('a masked value says that it is masked, and keeps where it comes from', async (t) => {
  const { client } = await startMasked(t);
  const { json } = await post(await client('support'), 'explain', { identity: 'user_id:u1' });
  const { fields } = json as unknown as Explanation;
  const tags = fields.find(({ field }) => field === 'shop_tags');
  assert.deepEqual([tags?.value, tags?.masked, tags?.from], [null, true, 'value']);
  const spend = fields.find(({ field }) => field === 'shop_spend');
  assert.deepEqual([spend?.value, spend?.masked], [row.spend, undefined]);
});

test('lists leave masked values out, and say so if they are asked for', async (t) => {
  const { client } = await startMasked(t);
  const user = await client('analyst');
  const list = (query: string) => user.call({ path: `/v1/contacts${query}` });
  const all = await list('');
  assert.equal(all.status, 200, all.body);
  assert.ok(all.body.includes(secrets.spend));
  for (const name of ['city', 'tags', 'email'] as const) {
    assert.ok(!all.body.includes(secrets[name]), name);
  }
  const named = await list('?fields=shop_city');
  assert.equal(jsonOf(named)['code'], 'parameter_invalid');
  assert.match(named.body, /Your role does not see the values of shop_city/);
});

test('a value is revealed for a reason, to a role that reveals', async (t) => {
  const { api, client, token } = await startMasked(t);
  const asked = { identity: 'user_id:u1', field: 'shop_tags', reason: 'complaint' };
  const support = await client('support');
  const { status, json } = await post(support, 'reveal', { ...asked, ticket: 'CASE-7' });
  assert.equal(status, 200);
  assert.deepEqual(shapeFaults(revealedValueSchema, json), []);
  assert.deepEqual(json['value'], ['allergic']);
  assert.ok(Date.parse(String(json['until'])) > 0);

  const refused = await post(await client('engineer'), 'reveal', asked);
  assert.deepEqual([refused.status, refused.json['code']], [403, 'role_missing']);
  for (const fault of [{ reason: 'Tom asked' }, { ticket: 'a b' }, { ticket: 'Tom-Miller-5' }]) {
    const wrong = await post(support, 'reveal', { ...asked, ...fault });
    assert.equal(wrong.json['code'], 'definition_invalid', JSON.stringify(fault));
  }
  const noField = await post(support, 'reveal', { ...asked, field: 'nothing_here' });
  assert.equal(noField.json['code'], 'resource_not_found');
  const nobody = await post(support, 'reveal', { ...asked, identity: 'user_id:u2' });
  assert.equal(nobody.json['code'], 'contact_not_found');

  const path = '/admin/v1/contacts/reveal';
  const byToken = await callApi(api, { method: 'POST', path, token, body: asked });
  assert.equal(byToken.status, 200, byToken.body);
});

test('a user reveals no more than a person reads', async (t) => {
  const { client } = await startMasked(t);
  const support = await client('support');
  const asked = { identity: 'user_id:u1', field: 'shop_tags', reason: 'complaint' };
  const codes: unknown[] = [];
  while (codes.length < 31) {
    const { status, text } = await post(support, 'reveal', asked);
    // The limit of calls in a second is another one.
    if (status !== 429 || text.includes('within a minute')) codes.push(status);
  }
  assert.deepEqual(codes, [...Array.from({ length: 30 }, () => 200), 429]);
  const other = await post(await client('admin'), 'reveal', asked);
  assert.equal(other.status, 200, 'another user has a pace of their own');
});

test('the access log notes who revealed what, and why', async (t) => {
  const { api, list } = await startNoted(t);
  const { client, id } = await makeUser(api, 'support');
  const asked = { identity: 'email:tom@hello.com', field: 'first_name', reason: 'fraud_check' };
  let isShown = false;
  const revealing = post(client, 'reveal', { ...asked, ticket: 'F-9' }).finally(() => {
    isShown = true;
  });
  // Nothing is written to the disk before the list is asked for.
  await post(client, 'identities', { identity: asked.identity });
  assert.equal(isShown, false, 'a value waits until its reveal is on the disk');
  const reveals = async () => (await list()).data.filter(({ way }) => way === 'reveal');
  await waitFor(async () => (await reveals()).length === 1);
  const [entry] = await reveals();
  const revealed = await revealing;
  assert.equal(revealed.status, 200, revealed.text);
  assert.deepEqual(
    [entry?.way, entry?.actor, entry?.remark, entry?.fields],
    ['reveal', `user:${id}`, 'fraud_check F-9', ['first_name']],
  );
});

test('no value is revealed that cannot be noted, and a refusal is not noted as a reveal', async (t) => {
  let isWriting = true;
  const noted: string[] = [];
  const access = {
    admits: () => true,
    note: (_looker: unknown, _subject: unknown, { outcome }: { readonly outcome: string }) => {
      noted.push(outcome);
    },
    isWriting: () => isWriting,
    synced: async () => false,
  };
  const { client } = await makeUser(await startApi(t, { access }), 'support');
  const asked = { identity: 'email:tom@hello.com', field: 'first_name', reason: 'fraud_check' };
  // The first one was noted before the disk failed, and is taken back.
  const expected = ['success', 'withdrawn'];
  for (const _ of ['noted', 'refused at once']) {
    const refused = await post(client, 'reveal', asked);
    assert.equal(refused.status, 503, refused.text);
    assert.doesNotMatch(refused.text, /Tom/);
    assert.deepEqual(noted, expected);
    isWriting = false;
  }
});
