/** Rules that take much work for a contact: it alone has no answer, and others do not wait. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { share } from '../launch/share.ts';
import { callApi } from './call-api.ts';
import { type Json, startComputed } from './start-computed.ts';

const base = '/audience/v2/contacts';
const tom = 'email:tom@hello.com';
const costly = 'email:costly@hello.com';

/** Forty segments of about 700 nodes that search a long text for another one. */
async function startCostly(t: Parameters<typeof startComputed>[0]) {
  const made = await startComputed(t, { texts: ['shop_long', 'shop_part'] });
  const { push, segment } = made;
  const clauses = Array.from({ length: 180 }, () => '!shop_long.contains(shop_part)').join(' && ');
  await segment('Plain', 'shop_spend > 5');
  for (let place = 0; place < 40; place += 1) {
    await segment(`Costly ${place}`, `true && ${clauses} && shop_spend > -${place + 1}`);
  }
  const b = 'b';
  await push({
    email: 'costly@hello.com',
    spend: 10,
    long: 'a'.repeat(65_000),
    part: 'a'.repeat(16_000) + b + 'a'.repeat(16_000),
  });
  await push({ email: 'tom@hello.com', spend: 10, long: 'short', part: 'b' });
  return made;
}

/** No test changes what another one sees. */
const started = share(startCostly);

test('a look-up whose rules take too much work has a problem, and others are answered', async () => {
  const { api } = started();
  const [token, other] = [await api.token(), await api.token()];
  const path = `${base}?identity=${costly}&fields=segment_membership`;
  const start = performance.now();
  const refused = await Promise.all([1, 2, 3].map(() => callApi(api, { path, token })));
  const answered = await callApi(api, { path: `${base}?identity=${tom}`, token: other });
  const took = performance.now() - start;
  for (const { status, body } of refused) {
    const problem = JSON.parse(body) as Json;
    assert.deepEqual([status, problem['code']], [422, 'rules_too_costly']);
    assert.match(String(problem['detail']), /4,000,000 units of work\. Ask for fewer/);
    assert.doesNotMatch(body, /aaa|Costly/);
  }
  assert.equal(answered.status, 200);
  assert.ok(took < 2_000, `${took.toFixed(0)} ms`);
  const body = { identity: costly, fields: ['segment_membership'] };
  const posted = await callApi(api, { method: 'POST', path: `${base}/lookup`, token, body });
  assert.equal(posted.status, 422);
  const plain = await callApi(api, { path: `${base}?identity=${costly}&fields=shop_spend`, token });
  assert.equal(plain.status, 200);
});

test('a look-up with too costly rules is logged in short, and names the segment', async () => {
  const { api, token: explaining } = started();
  const token = await api.token();
  const before = api.logged.length;
  const path = `${base}?identity=${costly}&fields=segment_membership`;
  const body = { identity: costly, fields: ['segment_membership'] };
  for (const call of [
    { path, token },
    { method: 'POST', path: `${base}/lookup`, token, body },
    {
      method: 'POST',
      path: '/admin/v1/contacts/explain',
      token: explaining,
      body: { identity: costly },
    },
  ] as const) {
    const { status } = await callApi(api, call);
    assert.equal(status, 422);
  }
  const lines = api.logged.slice(before).map((line) => JSON.parse(line) as Json);
  const told = lines.filter((line) => JSON.stringify(line).includes('rules_too_costly'));
  assert.ok(told.length >= 2, `${told.length} lines`);
  for (const line of told) {
    assert.equal(line['level'], 'info');
    assert.doesNotMatch(JSON.stringify(line), /"stack"|\.ts:/);
  }
  assert.match(JSON.stringify(told[0]), /segment/);
  assert.deepEqual(
    lines.filter(({ level }) => level === 'error' || level === 'warn'),
    [],
  );
});

test('in a batch only the contact whose rules take too much work has no answer', async () => {
  const { api } = started();
  const token = await api.token();
  const ask = async (identities: readonly string[]) => {
    const body = { identities, fields: ['segment_membership'], format: 'raw' };
    const answer = await callApi(api, { method: 'POST', path: `${base}/batch`, token, body });
    assert.equal(answer.status, 200, answer.body);
    return (JSON.parse(answer.body) as { results: Json[] }).results.map(({ status }) => status);
  };
  assert.deepEqual(await ask([tom, costly, tom]), ['success', 'rules_too_costly', 'success']);
  const start = performance.now();
  const statuses = await ask(Array.from({ length: 50 }, () => costly));
  const took = performance.now() - start;
  assert.deepEqual(new Set(statuses), new Set(['rules_too_costly']));
  assert.ok(took < 3_000, `${took.toFixed(0)} ms`);
});

test('an explanation names the segment that takes most of the work', async () => {
  const { api, token } = started();
  const body = { identity: costly };
  const path = '/admin/v1/contacts/explain';
  const answer = await callApi(api, { method: 'POST', path, token, body });
  const problem = JSON.parse(answer.body) as Json;
  assert.deepEqual([answer.status, problem['code']], [422, 'rules_too_costly']);
  assert.match(String(problem['detail']), /most of it is for the segment Costly [0-9]+ \([0-9]+\)/);
});

test('a list of members and a preview have the problem too, and no wrong member', async () => {
  const { api, token } = started();
  const list = async (segment: string) => {
    const path = `/admin/v1/contacts?segment=${segment}&fields=first_name`;
    const answer = await callApi(api, { path, token });
    return [answer.status, (JSON.parse(answer.body) as Json)['code']];
  };
  assert.deepEqual(await list('2'), [422, 'rules_too_costly']);
  assert.deepEqual(await list('1'), [200, undefined]);
  const path = '/admin/v1/segments/preview';
  const body = { segment: 'Costly 0' };
  const answer = await callApi(api, { method: 'POST', path, token, body });
  const { code } = JSON.parse(answer.body) as Json;
  assert.deepEqual([answer.status, code], [422, 'rules_too_costly'], answer.body);
});

test('a preview accepts a rule that look-ups answer, and counts no clause that takes too much alone', async () => {
  const { api, token, computed, segment, contact } = started();
  await computed('shop_costly', 'in_segment("Costly 0") ? 1.0 : 2.0', { content: true });
  const rule = 'shop_part == "b" && in_segment("Costly 0") && shop_spend > 5';
  await segment('Cheap', rule);
  for (const [identity, value] of [
    [tom, 1],
    [costly, 0],
  ] as const) {
    await computed(`is_${value}`, 'in_segment("Cheap") ? 1.0 : 0.0', { content: true });
    const found = await contact(identity, [`is_${value}`]);
    assert.equal(found[`is_${value}`], value);
  }
  const listed = await callApi(api, {
    ...{ path: '/admin/v1/contacts?segment=Cheap&fields=first_name', token },
  });
  assert.deepEqual([listed.status, JSON.parse(listed.body).data.length], [200, 1]);
  for (const subject of [{ rule }, { segment: 'Cheap' }]) {
    const body = { ...subject, exact: true };
    const path = '/admin/v1/segments/preview';
    const answer = await callApi(api, { method: 'POST', path, token, body });
    assert.equal(answer.status, 200, answer.body);
    const { exact, sample } = JSON.parse(answer.body);
    assert.equal(exact.members, 1);
    const clauses = exact.clauses.map(({ alone, in_sequence }: Json) => [alone, in_sequence]);
    assert.deepEqual(clauses, [
      [1, 1],
      [null, 1],
      [2, 1],
    ]);
    assert.equal(sample.length, 1);
  }
});
