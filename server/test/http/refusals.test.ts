/**
 * Requests that are refused before they reach a route. Each is sent over a real socket, and each
 * answer is a valid problem.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { exchangeRaw } from './raw-connection.ts';
import { startApi } from './start-api.ts';

const look = '/audience/v2/contacts?identity=email:tom@hello.com';

test('each malformed request is refused with its problem', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const host = 'Host: x\r\n';
  const bearer = `Authorization: Bearer ${token}\r\n`;
  const actor = 'Usher-Actor: agent 7\r\n';
  const json = 'Content-Type: application/json\r\n';
  const post = 'POST /audience/v2/contacts/lookup HTTP/1.1\r\n';
  const cases: readonly (readonly [string, string])[] = [
    [`GET ${look} HTTP/1.1\r\n${host}${host}${bearer}\r\n`, 'header_repeated'],
    [`GET ${look} HTTP/1.1\r\n${host}${bearer}${bearer}\r\n`, 'header_repeated'],
    [`GET ${look} HTTP/1.1\r\n${host}${bearer}${actor}${actor}\r\n`, 'header_repeated'],
    [`${post}${host}${bearer}${json}${json}Content-Length: 2\r\n\r\n{}`, 'header_repeated'],
    [`GET ${look} HTTP/1.1\r\n${bearer}\r\n`, 'request_malformed'],
    [`GET ${look} HTTP/1.1\r\nHost:\r\n${bearer}\r\n`, 'request_malformed'],
    [`GET ${look} HTTP/1.1\r\nHost: a b\r\n${bearer}\r\n`, 'request_malformed'],
    [`GET ${look} HTTP/1.1\r\n${host}${bearer}Content-Length: 2\r\n\r\n{}`, 'request_malformed'],
    [`HEAD ${look} HTTP/1.1\r\n${host}${bearer}Content-Length: 2\r\n\r\n{}`, 'request_malformed'],
    [
      `GET ${look} HTTP/1.1\r\n${host}${bearer}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      'request_malformed',
    ],
    [`${post}${host}${bearer}${json}Transfer-Encoding: gzip\r\n\r\n`, 'request_malformed'],
    [
      `${post}${host}${bearer}${json}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      'request_malformed',
    ],
    [
      `${post}${host}${bearer}${json}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
      'request_malformed',
    ],
    [
      `${post}${host}${bearer}${json}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}`,
      'request_malformed',
    ],
    [`${post}${host}${bearer}${json}Content-Length: -1\r\n\r\n`, 'request_malformed'],
    ['garbage\r\n\r\n', 'request_malformed'],
    [`GET ${look} HTTP/3.0\r\n${host}\r\n`, 'request_malformed'],
    [`GET ${look}#part HTTP/1.1\r\n${host}${bearer}\r\n`, 'request_malformed'],
    [`GET /admin/v1/fields/%ff HTTP/1.1\r\n${host}${bearer}\r\n`, 'request_malformed'],
    [`GET /livez HTTP/1.1\r\n${host} folded: x\r\n\r\n`, 'request_malformed'],
    [`GET /livez HTTP/1.1\r\n${host}X: a\nY: b\r\n\r\n`, 'request_malformed'],
    ['CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n', 'request_malformed'],
    [`GET /livez HTTP/1.1\r\n${host}X: ${'x'.repeat(17_000)}\r\n\r\n`, 'headers_too_large'],
    [`GET /livez HTTP/1.1\r\n${host}${'X: y\r\n'.repeat(101)}\r\n`, 'headers_too_large'],
    [`GET /${'x'.repeat(17_000)} HTTP/1.1\r\n${host}\r\n`, 'headers_too_large'],
    [`GET ${look} HTTP/1.1\r\n${host}${bearer}Accept: text/html\r\n\r\n`, 'not_acceptable'],
    [
      `GET ${look} HTTP/1.1\r\n${host}${bearer}Accept: application/json;q=0, */*;q=0\r\n\r\n`,
      'not_acceptable',
    ],
  ];
  for (const [bytes, code] of cases) {
    const isHead = bytes.startsWith('HEAD');
    const { answers, rest, elapsedMs } = await exchangeRaw(api.port, bytes, { isHead });
    const [answer] = answers;
    assert.ok(answer, `no answer to ${bytes.slice(0, 120)}`);
    if (isHead) assert.equal(answer.status, 400);
    else assert.equal(readProblem(answer).code, code, bytes.slice(0, 160));
    assert.equal(rest, '');
    assert.ok(elapsedMs < 1_000);
  }
});

test('requests that are unusual but valid are served', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const bearer = `Authorization: Bearer ${token}\r\n`;
  const served = [
    `GET ${look} HTTP/1.0\r\n${bearer}\r\n`,
    `GET ${look} HTTP/1.1\r\nHost: [::1]:8080\r\n${bearer}\r\n`,
    `GET http://usher.internal${look} HTTP/1.1\r\nHost: usher.internal\r\n${bearer}\r\n`,
    `GET ${look} HTTP/1.1\r\nHost: x\r\n${bearer}Content-Length: 0\r\n\r\n`,
    `GET ${look} HTTP/1.1\r\nHost: x\r\n${bearer}Accept: text/html, application/*;q=0.1\r\n\r\n`,
    `GET ${look} HTTP/1.1\r\nHost: x\r\n${bearer}Expect: the-unexpected\r\n\r\n`,
    `GET ${look} HTTP/1.1\r\nHost: x\r\n${bearer}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
  ];
  for (const bytes of served) {
    const { answers } = await exchangeRaw(api.port, bytes);
    assert.equal(answers[0]?.status, 200, bytes);
  }
});

test('an unsupported method, path or media type is answered with those that are supported', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const wrongMethod = await callApi(api, { method: 'DELETE', path: look, token });
  assert.equal(readProblem(wrongMethod).code, 'method_not_allowed');
  assert.equal(wrongMethod.headers.get('allow'), 'GET, HEAD');
  for (const path of ['/nowhere', '/audience/v2/contacts/lookup']) {
    const head = await callApi(api, { method: 'HEAD', path, token });
    assert.ok(head.status === 404 || head.status === 405);
    assert.ok(Number(head.headers.get('content-length')) > 100 && head.body === '');
  }
  const get = await callApi(api, { path: '/audience/v2/contacts/lookup', token });
  assert.equal(get.headers.get('allow'), 'POST');
  const preflight = await callApi(api, {
    method: 'OPTIONS',
    path: '/audience/v2/contacts',
    headers: { origin: 'https://shop.example', 'access-control-request-method': 'GET' },
  });
  assert.equal(readProblem(preflight).code, 'method_not_allowed');
  const names = [...preflight.headers.keys()];
  assert.deepEqual(
    names.filter((name) => name.startsWith('access-control')),
    [],
  );
  for (const path of ['/audience/v2/contact', '/Audience/v2/contacts', '/livez/', '//livez']) {
    assert.equal(readProblem(await callApi(api, { path, token })).code, 'route_unknown', path);
  }
  const path = '/audience/v2/contacts/lookup';
  const body = '{"identity":"email:tom@hello.com"}';
  const types: readonly Record<string, string>[] = [
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/json; charset=latin1' },
    { 'content-type': 'nonsense' },
    { 'content-encoding': 'gzip' },
  ];
  for (const headers of types) {
    const answer = await callApi(api, { method: 'POST', path, token, body, headers });
    assert.equal(readProblem(answer).code, 'media_type_unsupported', JSON.stringify(headers));
  }
});

test('unknown and repeated query parameters are named', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['contacts:read', 'admin:read'] });
  const cases: readonly (readonly [string, string])[] = [
    [`${look}&colour=red`, 'parameter_unknown'],
    [`${look}&format=raw&format=raw`, 'parameter_invalid'],
    [`${look}&format=`, 'parameter_invalid'],
    ['/audience/v2/contacts?identity=email:%ff', 'parameter_invalid'],
    ['/audience/v2/contacts', 'identity_missing'],
    ['/admin/v1/organization?pretty=1', 'parameter_unknown'],
    ['/admin/v1/tokens?limit=0', 'parameter_invalid'],
    ['/admin/v1/tokens?limit=201', 'parameter_invalid'],
    ['/admin/v1/tokens?limit=1e1', 'parameter_invalid'],
    ['/admin/v1/tokens?include_revoked=yes', 'parameter_invalid'],
    ['/admin/v1/tokens?limit=5&limit=5', 'parameter_invalid'],
    ['/admin/v1/tokens?cursor=bm9uZQ', 'parameter_invalid'],
    ['/admin/v1/tokens?%ff=1', 'parameter_invalid'],
    ['/admin/v1/tokens?__proto__=1', 'parameter_unknown'],
  ];
  for (const [path, code] of cases) {
    assert.equal(readProblem(await callApi(api, { path, token })).code, code, path);
  }
});

test('a refused body closes the connection, and bytes after it are never read as a request', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const smuggled = `GET ${look} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`;
  const bytes = `GET /livez HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`;
  const { answers } = await exchangeRaw(api.port, bytes, { answers: 2, deadlineMs: 700 });
  assert.deepEqual(
    answers.map(({ status }) => status),
    [400],
  );
});

test('a caller that is refused during a long body can still read why', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  const body = 'x'.repeat(20_000_000);
  const url = `${api.url}/audience/v2/contacts/lookup`;
  for (const authorization of [
    `Bearer ${token}`,
    `Bearer ${token}`,
    'Bearer none',
    'Bearer none',
  ]) {
    const headers = { authorization, 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body });
    const { code } = (await answer.json()) as { code: string };
    assert.equal(code, authorization.endsWith('none') ? 'token_invalid' : 'body_too_large');
  }
});

test('an answer in progress is finished before the garbage after it is refused', async (t) => {
  const api = await startApi(t);
  const token = await api.token({ scopes: ['admin:read'] });
  const bytes = `GET /admin/v1/organization HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n\0garbage\r\n\r\n`;
  const { answers, closed } = await exchangeRaw(api.port, bytes, { answers: 3 });
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 400],
  );
  assert.ok(closed);
});

test('a valid request id is echoed and an invalid one replaced, on successes and on errors', async (t) => {
  const api = await startApi(t);
  const token = await api.token();
  for (const path of [look, '/nowhere', '/admin/v1/tokens']) {
    const sane = await callApi(api, { path, token, headers: { 'x-request-id': 'Order-7.a_b' } });
    assert.equal(sane.headers.get('x-request-id'), 'Order-7.a_b');
    for (const odd of ['a b', 'x'.repeat(129), 'ü']) {
      const headers = { 'x-request-id': Buffer.from(odd).toString('latin1') };
      const made = await callApi(api, { path, token, headers });
      assert.match(made.headers.get('x-request-id') ?? '', /^[0-9a-f-]{36}$/);
    }
  }
});
