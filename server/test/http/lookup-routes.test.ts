/**
 * The look-up routes over real sockets: GET at the plain door and through node:http, POST, and the
 * batch.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { exchangeRaw } from './raw-connection.ts';
import { startApi } from './start-api.ts';

const lookup = '/audience/v2/contacts/lookup';
const batch = '/audience/v2/contacts/batch';
const tom = '/audience/v2/contacts?identity=email:tom@hello.com&fields=first_name,total_spend';

test('GET answers the same on the plain door, on the usual path and as HEAD, and so does POST', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const fast = await callApi(api, { path: tom, token });
  assert.equal(api.handedOver(), 0);
  assert.equal(
    fast.body,
    '{"status":"success","contact":{"first_name":"Tom","total_spend":"$241.56"}}',
  );
  const long = await callApi(api, { path: tom, token, headers: { 'content-length': '0' } });
  assert.deepEqual([long.status, long.body], [200, fast.body]);
  assert.equal(long.headers.get('etag'), fast.headers.get('etag'));
  const head = await callApi(api, { method: 'HEAD', path: tom, token });
  assert.deepEqual([head.status, head.body], [200, '']);
  assert.equal(head.headers.get('content-length'), String(fast.body.length));
  const body = { identity: 'email:tom@hello.com', fields: ['first_name', 'total_spend'] };
  const posted = await callApi(api, { method: 'POST', path: lookup, token, body });
  assert.deepEqual([posted.status, posted.body], [200, fast.body]);
  assert.equal(posted.headers.get('etag'), fast.headers.get('etag'));
  assert.match(posted.headers.get('ratelimit') ?? '', /^"org";r=\d+;t=1$/);
});

test('a POST look-up with a current tag is answered 304, and returns raw values on request', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const body = { identity: 'email:tom@hello.com', fields: ['total_spend'], format: 'raw' };
  const first = await callApi(api, { method: 'POST', path: lookup, token, body });
  assert.equal(first.body, '{"status":"success","contact":{"total_spend":241.56}}');
  const headers = { 'if-none-match': first.headers.get('etag') ?? '' };
  const again = await callApi(api, { method: 'POST', path: lookup, token, body, headers });
  assert.deepEqual([again.status, again.body], [304, '']);
});

test('a 304 to a HEAD or POST has no Content-Length, which would be that of the full answer', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const path = '/audience/v2/contacts?identity=email:tom@hello.com';
  const head = await callApi(api, { method: 'HEAD', path, token });
  assert.match(head.headers.get('content-length') ?? '', /^[1-9]/);
  const headers = { 'if-none-match': head.headers.get('etag') ?? '' };
  const body = { identity: 'email:tom@hello.com' };
  const calls = [
    { method: 'HEAD', path },
    { method: 'GET', path },
    { method: 'POST', path: lookup, body },
  ];
  for (const call of calls) {
    const known = await callApi(api, { ...call, token, headers });
    const told = [known.status, known.headers.has('content-length')];
    assert.deepEqual(told, [304, false], call.method);
  }
});

test('fields that cannot be answered are listed in a header, or refused with strict handling', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ fields: ['first_name', 'segment_membership'] });
  const body = {
    identity: 'email:tom@hello.com',
    fields: ['first_name', 'segment_membership', 'total_spend', 'a,b'],
  };
  const lenient = await callApi(api, { method: 'POST', path: lookup, token, body });
  assert.equal(lenient.body, '{"status":"success","contact":{"first_name":"Tom"}}');
  assert.equal(
    lenient.headers.get('usher-omitted'),
    '"segment_membership";reason=not_content, "total_spend";reason=not_allowed, "a,b";reason=not_allowed',
  );
  const strict = { prefer: 'handling=strict' };
  const refused = await callApi(api, {
    method: 'POST',
    path: lookup,
    token,
    body,
    headers: strict,
  });
  assert.equal(readProblem(refused).code, 'field_unavailable');
  const many = { identities: ['email:tom@hello.com'], fields: body.fields };
  const batched = await callApi(api, { method: 'POST', path: batch, token, body: many });
  assert.equal(batched.headers.get('usher-omitted'), lenient.headers.get('usher-omitted'));
  const strictly = await callApi(api, {
    method: 'POST',
    path: batch,
    token,
    body: many,
    headers: strict,
  });
  assert.equal(readProblem(strictly).code, 'field_unavailable');
});

test('a batch answers mixed identities in order, each with its own outcome', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ identityTypes: ['email'] });
  const identities = [
    'email:zoë@hello.com',
    'email:nobody@hello.com',
    'tom@hello.com',
    'shoe:7',
    'email:no address',
    'id:00000000-0000-0000-0000-000000000000',
    'email:tom@hello.com',
  ];
  const answer = await callApi(api, {
    method: 'POST',
    path: batch,
    token,
    body: { identities, fields: ['first_name'] },
  });
  assert.deepEqual(JSON.parse(answer.body), {
    status: 'success',
    results: [
      { identity: identities[0], status: 'success', contact: { first_name: 'Zoë' } },
      { identity: identities[1], status: 'contact_not_found' },
      { identity: identities[2], status: 'identity_malformed' },
      { identity: identities[3], status: 'identity_type_unknown' },
      { identity: identities[4], status: 'identity_value_invalid' },
      { identity: identities[5], status: 'identity_type_not_allowed' },
      { identity: identities[6], status: 'success', contact: { first_name: 'Tom' } },
    ],
  });
});

test('a batch costs one unit for each identity, all or none, and never more than the limit', async (t) => {
  const api = await startApi(t, { rateLimit: 30 });
  const token = await api.token();
  const share = await api.token({ maxShare: 0.2 });
  const of = (count: number) => ({
    identities: Array.from({ length: count }, () => 'email:tom@hello.com'),
  });
  const post = (body: object, as = token) =>
    callApi(api, { method: 'POST', path: batch, token: as, body });
  const tooLarge = readProblem(await post(of(31)));
  assert.deepEqual([tooLarge.code, tooLarge['maximum']], ['batch_too_large', 30]);
  const overShare = readProblem(await post(of(7), share));
  assert.deepEqual([overShare.code, overShare['maximum']], ['batch_too_large', 6]);
  const good = await post(of(20));
  assert.equal(good.headers.get('ratelimit'), '"org";r=8;t=1');
  const over = await post(of(9));
  const problem = readProblem(over);
  assert.equal(problem.code, 'rate_limited');
  assert.ok(Number(problem['retry_after_ms']) > 0);
  // The refused batch cost no units.
  assert.equal((await post(of(8))).headers.get('ratelimit'), '"org";r=0;t=1');
});

test("the contract's limit bounds a batch even if the organization allows more", async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const identities = Array.from({ length: 51 }, () => 'email:tom@hello.com');
  const answer = await callApi(api, { method: 'POST', path: batch, token, body: { identities } });
  assert.equal(readProblem(answer)['maximum'], 50);
});

test('each kind of invalid look-up body has its own problem', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const deep = `{"identity":${'['.repeat(33)}${']'.repeat(33)}}`;
  const cases: readonly (readonly [unknown, string, string?])[] = [
    ['', 'body_malformed'],
    ['{', 'body_malformed'],
    ['[]', 'body_malformed'],
    ['"text"', 'body_malformed'],
    [deep, 'body_malformed'],
    ['{"__proto__":{}}', 'body_malformed'],
    ['{"identity":{"constructor":1}}', 'body_malformed'],
    ['{"identity":"\\ud800"}', 'body_malformed'],
    [{}, 'identity_missing'],
    [{ identity: 5 }, 'body_malformed'],
    [{ identity: 'x'.repeat(3_000) }, 'body_malformed'],
    [{ identity: 'email:a@b.c', field: [] }, 'parameter_unknown'],
    [{ identity: 'email:a@b.c', fields: [] }, 'parameter_invalid'],
    [{ identity: 'email:a@b.c', fields: [''] }, 'parameter_invalid'],
    [{ identity: 'email:a@b.c', fields: [null] }, 'body_malformed'],
    [{ identity: 'email:a@b.c', format: 'xml' }, 'body_malformed'],
    [{ identity: 'tom@hello.com' }, 'identity_malformed'],
    [{ identity: 'shoe:7' }, 'identity_type_unknown'],
    [{ identity: 'email:' }, 'identity_value_invalid'],
    [{ identity: 'email:nobody@hello.com' }, 'contact_not_found'],
    [`{"identity":"${'x'.repeat(70_000)}"}`, 'body_too_large'],
  ];
  for (const [body, code] of cases) {
    const answer = await callApi(api, { method: 'POST', path: lookup, token, body });
    assert.equal(readProblem(answer).code, code, JSON.stringify(body).slice(0, 80));
    assert.ok(answer.headers.get('ratelimit'), 'it cost a unit');
  }
});

test('an empty list of fields is answered the same by POST and by GET', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const path = '/audience/v2/contacts?identity=email:tom@hello.com&fields=';
  assert.equal(readProblem(await callApi(api, { path, token })).code, 'parameter_invalid');
  const body = { identity: 'email:tom@hello.com', fields: [] };
  const posted = await callApi(api, { method: 'POST', path: lookup, token, body });
  assert.equal(readProblem(posted).code, 'parameter_invalid');
});

test('a body in chunks and with a byte-order mark is read whole', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const text = '\ufeff{"identity":"email:tom@hello.com","fields":["first_name"]}';
  const bytes = Buffer.from(text);
  const chunk = (part: Buffer) => `${part.length.toString(16)}\r\n${part.toString('latin1')}\r\n`;
  const head = `POST ${lookup} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json; charset="UTF-8"\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const sent = `${head}${chunk(bytes.subarray(0, 9))}${chunk(bytes.subarray(9))}0\r\n\r\n`;
  const { answers } = await exchangeRaw(api.port, Buffer.from(sent, 'latin1'));
  assert.equal(answers[0]?.body, '{"status":"success","contact":{"first_name":"Tom"}}');
});

test('pipelined requests of both kinds are answered in their order', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const common = `Host: x\r\nAuthorization: Bearer ${token}\r\n`;
  const get = `GET ${tom} HTTP/1.1\r\n${common}\r\n`;
  const text = '{"identity":"email:nobody@hello.com"}';
  const post = `POST ${lookup} HTTP/1.1\r\n${common}Content-Type: application/json\r\nContent-Length: ${text.length}\r\n\r\n${text}`;
  const { answers } = await exchangeRaw(api.port, get + post + get + post, { answers: 4 });
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 404, 200, 404],
  );
});

test("a token over its share is refused with the share's numbers", async (t) => {
  const api = await startApi(t, { rateLimit: 30 });
  const share = await api.token({ maxShare: 0.05 });
  assert.equal((await callApi(api, { path: tom, token: share })).status, 200);
  const problem = readProblem(await callApi(api, { path: tom, token: share }));
  assert.equal(problem.code, 'rate_limited');
  assert.match(problem.detail, /or this token's share of it, is reached/);
});

test('a token with a share sees what is left of the share and of the limit', async (t) => {
  const api = await startApi(t, { rateLimit: 30 });
  const share = await api.token({ maxShare: 0.2 });
  const first = await callApi(api, { path: tom, token: share });
  assert.equal(first.headers.get('ratelimit-policy'), '"org";q=30;w=1, "token";q=6;w=1');
  assert.equal(first.headers.get('ratelimit'), '"org";r=29;t=1, "token";r=5;t=1');
  for (let call = 0; call < 5; call += 1) await callApi(api, { path: tom, token: share });
  const over = await callApi(api, { path: tom, token: share });
  assert.equal(over.headers.get('ratelimit'), '"org";r=24;t=1, "token";r=0;t=1');
});

test("calls to look-up paths without a route cost a unit and return the limit's headers", async (t) => {
  const api = await startApi(t, { rateLimit: 30 });
  const token = await api.token();
  const cases = [
    { method: 'DELETE', path: tom },
    { method: 'GET', path: lookup },
    { path: tom, headers: { accept: 'text/html' } },
    { path: '/audience/v2/nothing' },
  ];
  const answers = [];
  for (const call of cases) answers.push(await callApi(api, { ...call, token }));
  assert.deepEqual(
    answers.map(({ status, headers }) => [status, headers.get('ratelimit')]),
    [405, 405, 406, 404].map((status, place) => [status, `"org";r=${29 - place};t=1`]),
  );
  assert.equal(answers[0]?.headers.get('allow'), 'GET, HEAD');
  const wrong = await callApi(api, { method: 'DELETE', path: tom, token: 'ush_wrong' });
  assert.equal(readProblem(wrong).code, 'token_invalid');
  const none = await callApi(api, { method: 'DELETE', path: tom });
  assert.deepEqual([none.status, none.headers.get('ratelimit')], [405, undefined]);
});
