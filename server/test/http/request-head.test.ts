/** Which requests the plain door accepts as plain look-ups, and which it leaves to node:http. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestHeadReader } from '../../src/http/connection/request-head.ts';

const line = 'GET /audience/v2/contacts?identity=email:tom@hello.com HTTP/1.1';

function read(lines: readonly string[]) {
  return new RequestHeadReader().read(`${lines.join('\r\n')}\r\n\r\n`, 0);
}

test('a plain look-up is parsed with the headers that matter', () => {
  const head = read([
    line,
    'Host: a',
    'AUTHORIZATION:  Bearer x ',
    'Accept: */*',
    'If-None-Match: "e"',
  ]);
  assert.equal(head?.query, 'identity=email:tom@hello.com');
  assert.equal(head?.headers.authorization, 'Bearer x');
  assert.equal(head?.headers.ifNoneMatch, '"e"');
});

test('two requests in one chunk are read one after the other', () => {
  const one = `${line}\r\nHost: a\r\n\r\n`;
  const reader = new RequestHeadReader();
  const first = reader.read(one + one, 0);
  assert.equal(first?.end, one.length);
  assert.equal(reader.read(one + one, one.length)?.end, 2 * one.length);
});

test('the kept header block of one request does not leak into the next', () => {
  const reader = new RequestHeadReader();
  reader.read(`${line}\r\nHost: a\r\nAuthorization: Bearer x\r\n\r\n`, 0);
  const next = reader.read(`${line}\r\nHost: a\r\n\r\n`, 0);
  assert.equal(next?.headers.authorization, undefined);
});

const leftToNodeHttp: readonly (readonly [string, readonly string[]])[] = [
  ['no Host', [line]],
  ['an empty Host', [line, 'Host: ']],
  ['two Hosts', [line, 'Host: a', 'Host: b']],
  ['two Authorizations', [line, 'Host: a', 'Authorization: Bearer x', 'authorization: Bearer x']],
  ['a body', [line, 'Host: a', 'Content-Length: 2']],
  ['a transfer encoding', [line, 'Host: a', 'Transfer-Encoding: chunked']],
  ['a folded header', [line, 'Host: a', 'X-A: b', ' c']],
  ['a space before the colon', [line, 'Host : a']],
  ['a bare line feed', [`${line}\nHost: a`]],
  ['a line feed in a header', [line, 'Host: a\nX-B: c']],
  ['a null byte', [line, 'Host: a\u0000']],
  ['a high byte in a header', [line, 'Host: a', 'X-A: \u00e9']],
  ['a high byte in the target', [line.replace('tom', 't\u00f6m'), 'Host: a']],
  ['a fragment', [line.replace('tom', 't#m'), 'Host: a']],
  ['another version', [line.replace('1.1', '1.0'), 'Host: a']],
  ['another method', [line.replace('GET', 'HEAD'), 'Host: a']],
  ['another path', [line.replace('contacts', 'contacts/'), 'Host: a']],
  ['an upgrade', [line, 'Host: a', 'Upgrade: h2c']],
  ['Connection: close', [line, 'Host: a', 'Connection: close']],
  ['an Accept that needs negotiation', [line, 'Host: a', 'Accept: text/html']],
  ['a head of more than 8 kB', [line, 'Host: a', `X-A: ${'a'.repeat(9_000)}`]],
];

for (const [what, lines] of leftToNodeHttp) {
  test(`${what} is left to node:http`, () => {
    assert.equal(read(lines), undefined);
  });
}

test('an incomplete head is left to node:http', () => {
  assert.equal(new RequestHeadReader().read(`${line}\r\nHost: a\r\n`, 0), undefined);
});
