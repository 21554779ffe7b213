/** Explanations of contacts, over real sockets: values, segments, flows and identities. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { putExclusionGroup } from '../../src/administration/flow/exclusion-groups.ts';
import { createFlow } from '../../src/administration/flow/flows.ts';
import { setGlobalHoldout } from '../../src/administration/flow/global-holdout.ts';
import { approved } from '../administration/approved.ts';
import { email } from '../stores/sample-changes.ts';
import { callApi } from './call-api.ts';
import { type Json, limitAge } from './start-computed.ts';
import { startExplain } from './start-explain.ts';

const tom = 'email:tom@hello.com';
const halves = [...'AB'].map((name) => ({ name, weight: 50 }));

test('clauses show what rules saw, also of values that are withheld or computed', async (t) => {
  const { api, segment, push, computed, explain, fieldIn } = await startExplain(t);
  await computed('loud_city', 'shop_city.upperAscii()', { condition: true });
  await computed('rich', 'total_spend > 5', { condition: true });
  await segment('Buyers outside of NY', 'total_spend > 100 && loud_city != "NY"');
  await push({ email: 'tom@hello.com', city: 'Bern' });
  await limitAge(api, { ms: 60_000, policy: 'withhold' });
  const explained = await explain(tom);
  const [buyers] = explained.segments;
  const inputs = buyers?.clauses.flatMap((clause) => clause.inputs);
  assert.deepEqual(
    inputs?.map(({ field, value, from }) => [field, value, from]),
    [
      ['total_spend', null, 'withheld'],
      ['loud_city', 'BERN', 'computed'],
    ],
  );
  assert.deepEqual(
    [buyers?.is_member, buyers?.clauses.map((clause) => clause.is_true)],
    [false, [false, true]],
  );
  const rich = fieldIn(explained, 'rich');
  assert.deepEqual([rich.value, rich.from, rich.rule], [false, 'approximate', 'total_spend > 5.0']);
  const loud = fieldIn(explained, 'loud_city');
  const city = fieldIn(explained, 'shop_city');
  assert.equal(loud.as_of, city.as_of);
  assert.deepEqual(
    loud.inputs.map((input) => [input.field, input.value, input.from, input.as_of]),
    [['shop_city', 'Bern', 'value', city.as_of]],
  );
});

test('a field names its dataset, source, column and age, and what it overrode', async (t) => {
  const { api, push, explain, fieldIn, merge } = await startExplain(t);
  // Rows that are pushed while a run works are not of this run.
  await api.administration.catalog.startRun({
    ...{ id: 'r', organizationId: 1, datasetId: 2, kind: 'import', trigger: 'command' },
    ...{ definitionVersion: 1, startedAtMs: Date.now() - 1_000, approvalOf: null },
  });
  await push({ user: '1', city: 'Bern', spend: 3 });
  await push({ user: '2', email: 'tom@hello.com', city: 'Basel' });
  await merge('user_id:1', 'user_id:2');
  const id = api.fieldId('first_name');
  const change = { set: [{ fieldId: id, value: '"Thomas"' }], lift: [], atMs: Date.UTC(2026, 1) };
  await api.writer.amendContact(1, email('tom@hello.com'), change, {});
  const explained = await explain(tom);
  const told = (name: string) => {
    const { value, from, dataset, source, column, has_row, overrode } = fieldIn(explained, name);
    const over = overrode.map((one) => [one.by, one.value, one.key?.value ?? null]);
    return [value, from, dataset, source, column, has_row, over];
  };
  assert.deepEqual(told('first_name'), [
    ...['Thomas', 'amended', 'crm', 'import', 'first_name', true, [['source', 'Tom', null]]],
  ]);
  const amended = fieldIn(explained, 'first_name');
  assert.equal(amended.as_of, '2026-02-01T00:00:00.000Z');
  assert.equal(amended.overrode[0]?.as_of, '2024-01-02T00:00:00.000Z');
  assert.deepEqual(told('total_spend').slice(0, 3), [241.56, 'value', 'crm']);
  assert.deepEqual(told('shoe_size'), [0, 'implied', 'crm', 'import', 'shoe_size', true, []]);
  const city = told('shop_city');
  assert.deepEqual(city.slice(0, 5), ['Basel', 'value', 'shop', 'push', 'city']);
  assert.deepEqual(city[6], [['other_row', 'Bern', '1']]);
  assert.deepEqual(told('shop_spend'), [
    ...[0, 'implied', 'shop', 'push', 'spend', true, [['other_row', 3, '1']]],
  ]);
  assert.ok(explained.fields.every(({ run }) => run === null));

  await limitAge(api, { ms: 60_000, policy: 'flag' });
  assert.equal(fieldIn(await explain(tom), 'total_spend').from, 'stale');
  await limitAge(api, { ms: 60_000, policy: 'withhold' });
  const withheld = await explain(tom);
  assert.equal(fieldIn(withheld, 'total_spend').value, null);
  const { value, overrode } = fieldIn(withheld, 'first_name');
  assert.deepEqual([value, overrode[0]?.value, overrode[0]?.is_withheld], ['Thomas', null, true]);
  assert.ok(!JSON.stringify(withheld).includes('241.56'));
  assert.ok(!JSON.stringify(withheld).includes('"Tom"'));
});

test('an explanation says of each age what a look-up says', async (t) => {
  const { api, token, segment, push, computed, explain } = await startExplain(t);
  await computed('rich', 'total_spend > 5', { condition: true });
  await computed('both', 'coalesce(shop_city, first_name)');
  await segment('Rich', 'rich && shop_city != "NY"');
  const flow = { segment: 'Rich', status: 'live', variants: halves };
  await createFlow(api.administration, 1, { ...flow, id: 7, name: 'Spring' });
  await push({ email: 'tom@hello.com', city: 'Bern' }, { email: 'new@hello.com' });
  const setName = { set: [{ fieldId: api.fieldId('first_name'), value: '"Thomas"' }], lift: [] };
  const atMs = Date.UTC(2026, 1);
  await api.writer.amendContact(1, email('tom@hello.com'), { ...setName, atMs }, {});
  const fields = ['first_name', 'total_spend', 'shoe_size', 'shop_city', 'shop_spend'];
  const made = ['rich', 'both', 'segment_membership', 'flow_variant_membership'];
  const asked = { fields: [...fields, ...made, 'flow_membership'], format: 'raw' };
  const seen = new Set<string>();
  for (const policy of ['serve', 'flag', 'withhold'] as const) {
    await limitAge(api, { ms: 60_000, policy });
    for (const identity of [tom, 'email:new@hello.com']) {
      const explained = await explain(identity);
      const answer = await callApi(api, {
        ...{ method: 'POST', path: '/audience/v2/contacts/lookup', token },
        ...{ body: { identity, ...asked }, headers: { 'usher-freshness': '1' } },
      });
      const { freshness } = JSON.parse(answer.body) as { freshness: Record<string, Json> };
      for (const name of asked.fields) {
        const { from, as_of } = explained.fields.find(({ field }) => field === name) ?? {};
        const { status, as_of: told } = freshness[name] ?? {};
        assert.equal(as_of, told, `${policy} ${identity} ${name}`);
        const plain = ['value', 'computed', 'implied'].includes(String(from));
        const said = ['present', 'implied', 'null'].includes(String(status)) ? 'plain' : status;
        assert.equal(plain ? 'plain' : from, said, `${policy} ${identity} ${name}`);
        seen.add(`${name} ${from}`);
      }
    }
  }
  for (const name of ['rich', 'segment_membership', 'flow_variant_membership', 'flow_membership'])
    for (const from of ['computed', 'stale', 'approximate']) assert.ok(seen.has(`${name} ${from}`));
  for (const from of ['amended', 'withheld', 'stale', 'value'])
    assert.ok(
      [...seen].some((one) => fields.includes(one.split(' ')[0] ?? '') && one.endsWith(from)),
    );
});

test('flows show weights, holdouts, groups and slots, and the step that decided', async (t) => {
  const { api, segment, explain } = await startExplain(t);
  const { administration } = api;
  await segment('All', 'true');
  const flow = { segment: 'All', status: 'live', variants: halves };
  await createFlow(administration, 1, { ...flow, id: 142_309, name: 'Spring', unit: 'email' });
  await createFlow(administration, 1, { ...flow, id: 2, name: 'Out' });
  await createFlow(administration, 1, { ...flow, id: 3, name: 'Held', holdout: 100 });
  await createFlow(administration, 1, { ...flow, id: 4, name: 'In' });
  await createFlow(administration, 1, { ...flow, id: 5, name: 'Late', status: 'paused' });
  const put = (name: string, unit: string, shares: readonly (readonly [string, number])[]) => {
    const flows = shares.map(([it, share]) => ({ flow: it, share }));
    return approved(administration, (by) => putExclusionGroup(by, 1, { name, unit, flows }));
  };
  await put('without', 'user_id', [['Out', 100]]);
  await put('none', 'email', [['In', 100]]);
  const holdout = { percent: 1, unit: 'email', salt: 'spring-2026' };
  await approved(administration, (approver) => setGlobalHoldout(approver, 1, holdout));
  const { flows } = await explain(tom);
  assert.deepEqual(
    flows.map((it) => [it.id, it.is_in_segment, it.is_member, it.left_out]),
    [
      [2, true, false, 'no_unit'],
      [3, true, false, 'held_out'],
      [4, true, true, null],
      [5, true, false, null],
      [142_309, true, true, null],
    ],
  );
  const [out, held, inside, , spring] = flows;
  // The published vectors of this e-mail with both salts.
  const unit_value = 'dd2ea6be8533573365914473928cead5';
  assert.deepEqual(spring?.global_holdout, {
    ...{ percent: 1, unit: 'email', salt: 'spring-2026', held_out: '9900-9999' },
    ...{ unit_value, slot: 5072 },
  });
  assert.deepEqual(
    [spring?.unit, spring?.salt, spring?.unit_value, spring?.slot, spring?.variant],
    ['email', '142309', unit_value, 2971, 'A'],
  );
  assert.deepEqual(spring?.variants, [
    { name: 'A', weight: 50, slots: '0-4999' },
    { name: 'B', weight: 50, slots: '5000-9999' },
  ]);
  assert.deepEqual([held?.holdout, held?.held_out], [100, '0-9999']);
  const { slot, ...group } = inside?.group ?? {};
  assert.deepEqual(group, {
    ...{ name: 'none', unit: 'email', salt: 'none', share: 100, slots: '0-9999' },
    ...{ unit_value, owner: 'In' },
  });
  assert.equal(typeof slot, 'number');
  const { unit_value: missing, slot: none } = out?.group ?? {};
  assert.deepEqual([missing, none], [null, null]);
});

test('branches show the truth of each clause, and the first that is true decides', async (t) => {
  const { api, segment, explain } = await startExplain(t);
  await segment('All', 'true');
  await segment('Nobody', 'false');
  const branches = [
    { rule: 'total_spend > 1000 && first_name == "Tom"', variant: 'rich' },
    { rule: 'first_name == "Tom"', variant: 'tom' },
    { rule: 'total_spend > 1', variant: 'late' },
  ];
  const flow = { status: 'live', branches, otherwise: 'other' };
  await createFlow(api.administration, 1, { ...flow, id: 7, name: 'Paths', segment: 'All' });
  await createFlow(api.administration, 1, { ...flow, id: 8, name: 'Closed', segment: 'Nobody' });
  const told = async (identity: string) =>
    (await explain(identity)).flows.map(({ is_member, variant, branches: all }) => [
      ...[is_member, variant],
      all?.map((one) => [one.variant, one.is_true, one.is_chosen]),
    ]);
  const truths = (chosen: string) => [
    ['rich', false, false],
    ['tom', true, chosen === 'tom'],
    ['late', true, false],
  ];
  assert.deepEqual(await told(tom), [
    [true, 'tom', truths('tom')],
    [false, null, truths('')],
  ]);
  const [paths] = (await explain(tom)).flows;
  const clauses = paths?.branches?.[0]?.clauses.map(({ rule, is_true, inputs }) => [
    ...[rule, is_true, inputs.map(({ field, value }) => [field, value])],
  ]);
  assert.deepEqual(clauses, [
    ['total_spend > 1000.0', false, [['total_spend', 241.56]]],
    ['first_name == "Tom"', true, [['first_name', 'Tom']]],
  ]);
  const [zoe] = await told('email:zoë@hello.com');
  assert.deepEqual(zoe?.slice(0, 2), [true, 'other']);
});

test('whichever identity is asked for, joined contacts have one explanation', async (t) => {
  const { push, explain, refuse } = await startExplain(t);
  await push({ user: '1', city: 'Bern' }, { user: '1', email: 'tom@hello.com', city: 'Bern' });
  const { now: _, ...byUser } = await explain('user_id:1');
  const { now: __, ...byEmail } = await explain(tom);
  assert.deepEqual(byUser, byEmail);
  assert.deepEqual(
    byUser.joins.map(({ kind, dataset, identity }) => [kind, dataset, identity?.value]),
    [['join', 'shop', 'tom@hello.com']],
  );
  assert.equal(byUser.joins_complete, true);
  const claims = byUser.identities.flatMap((one) => one.claims);
  assert.deepEqual(new Set(claims.map(({ dataset }) => dataset)), new Set(['crm', 'shop']));
  for (const id of [byUser.contact_id, ...byUser.other_ids]) {
    assert.equal((await explain(`id:${id}`)).contact_id, byUser.contact_id, id ?? '');
  }
  assert.deepEqual(await refuse('email:nobody@hello.com'), [404, 'contact_not_found']);
});

test('markup and control characters in values stay values', async (t) => {
  const { push, explain, fieldIn, segment } = await startExplain(t);
  const city = '<script>alert(1)</script>\u001b[31m\u202e"\\ \n';
  await push({ email: 'tom@hello.com', city, tags: ['<b>', '\u0007'] });
  await segment('Odd', 'shop_city.contains("script")');
  const explained = await explain(tom);
  const shown = fieldIn(explained, 'shop_city').value as string;
  assert.ok(shown.startsWith('<script>alert(1)</script>'));
  assert.equal(explained.segments[0]?.clauses[0]?.inputs[0]?.value, shown);
});

test('memberships that others report are shown beside those that rules compute', async (t) => {
  const { segment, explain, fieldIn } = await startExplain(t);
  assert.equal(fieldIn(await explain(tom), 'segment_membership').from, 'reported');
  await segment('All', 'true');
  const explained = await explain(tom);
  const { value, from } = fieldIn(explained, 'segment_membership') as unknown as Json;
  assert.deepEqual([value, from], [[1], 'computed']);
  assert.equal(fieldIn(explained, 'campaigns_received').from, 'reported');
});
