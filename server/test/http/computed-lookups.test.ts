/** Segments and computed fields in look-ups, over real sockets. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { updateField } from '../../src/administration/fields.ts';
import { editSegment } from '../../src/administration/rule/segments.ts';
import { packMemberships } from '../../src/domain/membership/membership.ts';
import { email } from '../stores/sample-changes.ts';
import { callApi } from './call-api.ts';
import { waitFor } from './start-api.ts';
import { everyLookup, type Json, limitAge, startComputed } from './start-computed.ts';

const tom = 'email:tom@hello.com';
const none = { flows: [], journeys: [], campaigns: [], segments: [] };

test('every kind of look-up answers segments and computed fields the same', async (t) => {
  const { api, push, segment, computed } = await startComputed(t);
  await segment('Buyers', 'total_spend > 100');
  await segment('Nobody', 'total_spend > 1e6');
  await segment('Zürich', 'shop_city == "Zürich" && in_segment("Buyers")');
  await computed('all_spend', 'total_spend + shop_spend', { type: 'currency' });
  await computed('city', 'coalesce(shop_city, "none")');
  await computed('greeting', '"Grüezi \\"" + first_name + "\\""');
  await computed('seen_again', 'shop_seen + days(1)');
  await computed('is_vip', 'shop_vip && shop_spend > 5');
  await computed('tags', 'shop_tags', { type: 'set' });
  await push({
    email: 'tom@hello.com',
    city: 'Zürich',
    seen: '2026-02-28',
    spend: 10.5,
    vip: true,
  });
  const token = await api.token();
  const fields = [
    ...['city', 'segment_membership', 'all_spend', 'first_name', 'greeting', 'seen_again'],
    ...['is_vip', 'tags'],
  ];
  const contact = {
    ...{ city: 'Zürich', segment_membership: [1, 3], all_spend: '$252.06', first_name: 'Tom' },
    ...{ greeting: 'Grüezi "Tom"', seen_again: '2026-03-01', is_vip: true, tags: null },
  };
  const { plain, node, head, posted, batch, known } = await everyLookup(api, token, {
    identity: tom,
    fields,
  });
  assert.equal(plain.body, JSON.stringify({ status: 'success', contact }));
  assert.deepEqual([node.body, posted.body, head.body], [plain.body, plain.body, '']);
  const tag = plain.headers.get('etag');
  const tags = [node, head, posted, known].map(({ headers }) => headers.get('etag'));
  assert.deepEqual(tags, [tag, tag, tag, tag]);
  assert.deepEqual([known.status, known.body], [304, '']);
  assert.equal(head.headers.get('content-length'), `${Buffer.byteLength(plain.body)}`);
  const one = { identity: tom, status: 'success', contact };
  assert.equal(batch.body, JSON.stringify({ status: 'success', results: [one, one] }));
  const raw = await everyLookup(api, token, { identity: tom, fields, format: 'raw' });
  const answer = { status: 'success', contact: { ...contact, all_spend: 252.06 } };
  assert.deepEqual(JSON.parse(raw.plain.body), answer);
  assert.equal(raw.posted.body, raw.plain.body);
});

test('what rules compute has no Last-Modified, because it changes with time and rules', async (t) => {
  const { api, segment } = await startComputed(t);
  await segment('Buyers', 'total_spend > 100');
  const token = await api.token();
  const modified = async (fields: string[]) => {
    const { plain } = await everyLookup(api, token, { identity: tom, fields });
    return plain.headers.has('last-modified');
  };
  assert.equal(await modified(['first_name']), true);
  assert.equal(await modified(['first_name', 'segment_membership']), false);
});

test('a contact without values has implied values, and the segments that follow from them', async (t) => {
  const { api, contact, segment, computed } = await startComputed(t);
  await segment('No buyers', 'total_spend == 0');
  await segment('Not in NY', 'shop_city != "NY"');
  await computed('half', 'total_spend / 2.0', { type: 'currency' });
  await computed('city', 'shop_city', { impliedValue: 'somewhere' });
  await api.writer.putMemberships(1, email('zoë@hello.com'), packMemberships(none));
  const fields = ['segment_membership', 'half', 'city', 'flow_variant_membership'];
  assert.deepEqual(await contact('email:zoë@hello.com', fields), {
    ...{ segment_membership: [1, 2], half: 0, city: 'somewhere', flow_variant_membership: [] },
  });
});

test('ids of defined segments come before the names that others report', async (t) => {
  const { api, contact, segment } = await startComputed(t);
  const segments = [2, 77, '1', 'Buyers', 'Ü, "x"'];
  const packed = packMemberships({ ...none, segments });
  await api.writer.putMemberships(1, email('tom@hello.com'), packed);
  assert.deepEqual(await contact(tom, ['segment_membership']), { segment_membership: segments });
  await segment('Buyers', 'total_spend > 100');
  await segment('Nobody', 'false');
  await segment('All', 'true');
  assert.deepEqual(await contact(tom, ['segment_membership']), {
    segment_membership: [1, 3, 77, '1', 'Buyers', 'Ü, "x"'],
  });
});

test('a token may read what is computed from fields that it may not read', async (t) => {
  const { api, segment, computed } = await startComputed(t);
  await segment('Buyers', 'total_spend > 100');
  await computed('is_rich', 'total_spend > 1000');
  await updateField(api.administration, 1, { name: 'total_spend', settings: { content: false } });
  const token = await api.token({ fields: ['segment_membership', 'is_rich'] });
  const fields = ['segment_membership', 'total_spend', 'is_rich'];
  const { plain } = await everyLookup(api, token, { identity: tom, fields });
  assert.deepEqual(JSON.parse(plain.body), {
    status: 'success',
    contact: { segment_membership: [1], is_rich: false },
  });
  assert.equal(plain.headers.get('usher-omitted'), '"total_spend";reason=not_allowed');
  assert.equal(plain.headers.has('last-modified'), false);
  const everything = await callApi(api, {
    path: `/audience/v2/contacts?identity=${tom}`,
    token,
  });
  assert.deepEqual(JSON.parse(everything.body), JSON.parse(plain.body));
});

test('rules see null in place of a withheld value, and freshness tells it', async (t) => {
  const { api, token, push, contact, segment, computed } = await startComputed(t);
  await push({ email: 'tom@hello.com', city: 'NY', spend: 10 });
  await segment('Tom', 'first_name == "Tom"');
  await segment('Not Tom', 'first_name != "Tom"');
  await segment('In NY', 'shop_city == "NY"');
  await computed('name', 'coalesce(first_name, shop_city)');
  await computed('doubled', 'total_spend * 2.0', { type: 'currency' });
  await computed('quiet', 'shop_city.lowerAscii()');
  const fields = ['segment_membership', 'name', 'doubled', 'quiet'];
  const before = { segment_membership: [1, 3], name: 'Tom', doubled: 483.12, quiet: 'ny' };
  assert.deepEqual(await contact(tom, fields), before);
  await limitAge(api, { ms: 60_000, policy: 'flag' });
  assert.deepEqual(await contact(tom, fields), before);
  const statuses = async () => {
    const { freshness } = await fresh({ api, token }, fields);
    return Object.values(freshness).map(({ status }) => status);
  };
  assert.deepEqual(await statuses(), ['stale', 'stale', 'stale', 'present']);
  await limitAge(api, { ms: 60_000, policy: 'withhold' });
  const after = { segment_membership: [2, 3], name: 'NY', doubled: 0, quiet: 'ny' };
  assert.deepEqual(await contact(tom, fields), after);
  const approximate = 'approximate';
  assert.deepEqual(await statuses(), [approximate, approximate, approximate, 'present']);
  const { plain, batch } = await everyLookup(api, token, { identity: tom, fields, format: 'raw' });
  assert.deepEqual(JSON.parse(plain.body).contact, after);
  assert.deepEqual(JSON.parse(batch.body).results[1].contact, after);
});

async function fresh(
  { api, token }: Pick<Awaited<ReturnType<typeof startComputed>>, 'api' | 'token'>,
  fields: readonly string[],
) {
  const path = `/audience/v2/contacts?identity=${tom}&fields=${fields.join(',')}`;
  const answer = await callApi(api, { path, token, headers: { 'usher-freshness': '1' } });
  return JSON.parse(answer.body) as { freshness: Record<string, Json> };
}

test('what is computed is as old as the oldest value that it is computed from', async (t) => {
  const { api, token, push, segment, computed } = await startComputed(t);
  await segment('Everybody', 'true');
  await computed('both', 'total_spend + shop_spend', { type: 'currency' });
  await computed('shop', 'shop_spend', { type: 'currency' });
  await computed('constant', '"x"');
  await computed('nothing', 'shop_city');
  await api.token();
  const fields = ['both', 'shop', 'constant', 'nothing', 'segment_membership', 'total_spend'];
  const of = (asOf: unknown, status: string) => ({ dataset: null, as_of: asOf, status });
  const run = '2024-01-02T00:00:00.000Z';
  const crm = { dataset: 'crm', as_of: run, status: 'present' };
  const { freshness: before } = await fresh({ api, token }, fields);
  assert.deepEqual(before, {
    ...{ both: of(run, 'present'), shop: of(null, 'present'), constant: of(null, 'present') },
    ...{ nothing: of(null, 'null'), segment_membership: of(null, 'present'), total_spend: crm },
  });
  await push({ email: 'tom@hello.com', spend: 10 });
  const { freshness: after } = await fresh({ api, token }, fields);
  assert.deepEqual(after['both'], of(run, 'present'));
  const asOf = String(after['shop']?.['as_of']);
  assert.ok(Date.parse(asOf) > Date.parse(run), asOf);
  assert.deepEqual(after['nothing'], of(asOf, 'null'));
});

test('rules see amended values, and the oldest input may be an amended one', async (t) => {
  const { api, token, contact, segment, computed } = await startComputed(t);
  await segment('Buyers', 'total_spend > 100');
  await computed('loud', 'first_name.upperAscii()');
  await computed('has_name', 'has(first_name)');
  const amend = async (name: string, value: string) => {
    const set = [{ fieldId: api.fieldId(name), value }];
    const change = { set, lift: [], atMs: Date.UTC(2020, 1, 1) };
    await api.writer.amendContact(1, email('tom@hello.com'), change, {});
  };
  await amend('total_spend', '5');
  await amend('first_name', '"Thomas"');
  const fields = ['segment_membership', 'loud', 'has_name'];
  const amended = { segment_membership: [], loud: 'THOMAS', has_name: true };
  assert.deepEqual(await contact(tom, fields), amended);
  const { freshness } = await fresh({ api, token }, fields);
  const asOf = '2020-02-01T00:00:00.000Z';
  assert.deepEqual(freshness['loud'], { dataset: null, as_of: asOf, status: 'present' });
  await amend('first_name', 'null');
  assert.deepEqual(await contact(tom, fields), { ...amended, loud: null, has_name: false });
});

test('rules see the values of all datasets of contacts that were joined', async (t) => {
  const { push, contact, segment } = await startComputed(t);
  await segment('Buyers in NY', 'total_spend > 100 && shop_city == "NY"');
  await push({ user: '1', city: 'NY' });
  assert.deepEqual(await contact(tom, ['segment_membership']), { segment_membership: [] });
  await push({ user: '1', email: 'tom@hello.com' });
  for (const identity of [tom, 'user_id:1']) {
    const fields = ['first_name', 'segment_membership'];
    const joined = { first_name: 'Tom', segment_membership: [1] };
    assert.deepEqual(await contact(identity, fields), joined, identity);
  }
});

test('a changed rule answers within a second, and names may change without effect', async (t) => {
  const { api, token, segment, contact } = await startComputed(t);
  await segment('Buyers', 'total_spend > 100');
  await segment('VIPs', 'in_segment("Buyers") && first_name == "Tom"');
  assert.deepEqual(await contact(tom, ['segment_membership']), { segment_membership: [1, 2] });
  const path = `/audience/v2/contacts?identity=${tom}&fields=segment_membership`;
  const answered = async (ids: string) =>
    (await callApi(api, { path, token })).body.includes(`"segment_membership":[${ids}]`);
  await editSegment(api.administration, 1, { reference: 'Buyers', rule: 'total_spend > 1000' });
  await waitFor(() => answered(''), 1_000);
  const change = { reference: 'Buyers', name: 'Big buyers', rule: 'total_spend > 200' };
  await editSegment(api.administration, 1, change);
  await waitFor(() => answered('1,2'), 1_000);
});

test('the fields that a rule reads need no content flag, and are not read by the token', async (t) => {
  const { api, contact, computed } = await startComputed(t);
  await computed('loud', 'first_name.upperAscii()');
  await updateField(api.administration, 1, { name: 'first_name', settings: { content: false } });
  assert.deepEqual(await contact(tom, ['loud', 'first_name']), { loud: 'TOM' });
});
