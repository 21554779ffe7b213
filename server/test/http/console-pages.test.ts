/** The pages of the console and their files, as the node serves them. They must be built. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { readConsoleSite } from '../../src/http/pages/console-site.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { startApi } from './start-api.ts';

test('every address of the console gets the page, with a content policy and a nonce of its own', async (t) => {
  const api = await startApi(t);
  const nonces = new Set<string>();
  const paths = [
    '/console',
    '/console/contacts',
    '/console/a/b',
    '/console/a/b/c',
    '/console/a/b/c/d',
  ];
  for (const path of [...paths, '/console/contacts?tab=identities']) {
    const { status, headers, body } = await callApi(api, {
      path,
      headers: { accept: 'text/html' },
    });
    assert.equal(status, 200, path);
    assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
    assert.equal(headers.get('cache-control'), 'no-store');
    assert.equal(headers.get('x-frame-options'), 'DENY');
    assert.equal(headers.get('referrer-policy'), 'no-referrer');
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(headers.get('cross-origin-opener-policy'), 'same-origin');
    const policy = headers.get('content-security-policy') ?? '';
    const nonce = /script-src 'nonce-([^']+)' 'strict-dynamic'/.exec(policy)?.[1] ?? '';
    assert.ok(nonce.length >= 20, policy);
    assert.match(policy, /default-src 'none'.*base-uri 'none'.*frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /https?:|unsafe/);
    for (const [element] of body.matchAll(/<(?:script|style)[^>]*>/g))
      assert.ok(element.includes(`nonce="${nonce}"`), element);
    assert.doesNotMatch(body, /https?:\/\/|usher-page-nonce/);
    nonces.add(nonce);
  }
  assert.equal(nonces.size, paths.length + 1);
});

test('HEAD answers as GET does, without the page', async (t) => {
  const api = await startApi(t);
  const { status, body } = await callApi(api, { method: 'HEAD', path: '/console/contacts' });
  assert.deepEqual([status, body], [200, '']);
});

test('a file is sent as the caller accepts it, and kept for a year', async (t) => {
  const api = await startApi(t);
  const page = await callApi(api, { path: '/console' });
  const path = /src="(\/console\/assets\/[^"]+\.js)"/.exec(page.body)?.[1] ?? '';
  const get = async (accepted: string) => {
    // `fetch` decompresses, so the bytes are read as they are sent.
    const answer = await rawGet(api.port, path, accepted);
    assert.equal(answer.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(answer.headers['vary'], 'Accept-Encoding');
    return { coding: answer.headers['content-encoding'], bytes: answer.bytes };
  };
  const plain = await get('');
  assert.equal(plain.coding, undefined);
  const gzip = await get('deflate, gzip;q=0.5, br;q=0');
  assert.equal(gzip.coding, 'gzip');
  assert.ok(gunzipSync(gzip.bytes).equals(plain.bytes));
  const br = await get('gzip, deflate, br');
  assert.equal(br.coding, 'br');
  assert.ok(brotliDecompressSync(br.bytes).equals(plain.bytes));
});

test('no path leads out of the list of files', async (t) => {
  const api = await startApi(t);
  const names = ['nothing.js', '..%2Findex.html', '..%2f..%2fpackage.json', '%2e%2e%2findex.html'];
  for (const name of [...names, 'a.js.br', '__proto__', 'constructor']) {
    const answer = await callApi(api, { path: `/console/assets/${name}` });
    assert.equal(answer.status, 404, name);
    assert.equal(readProblem(answer).code, 'route_unknown');
  }
  for (const path of [
    '/console/api',
    '/console/api/v1',
    '/console/api/v2/tokens',
    '/console/assets',
  ])
    assert.equal((await callApi(api, { path })).status, 404, path);
});

test('a file of an unknown kind is not served, and without a build there is no page', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'usher-console-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const url = pathToFileURL(`${folder}/`);
  const none = await readConsoleSite(url);
  assert.equal(none.page, undefined);
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<p>page</p>');
  writeFileSync(join(folder, 'assets', 'a.js'), 'a');
  writeFileSync(join(folder, 'assets', 'secret.key'), 'b');
  const site = await readConsoleSite(url);
  assert.equal(site.page, '<p>page</p>');
  assert.deepEqual([...site.assets.keys()], ['a.js']);
  assert.equal(site.assets.get('a.js')?.br, undefined);
});

async function rawGet(port: number, path: string, accepted: string) {
  const headers = { 'accept-encoding': accepted };
  const sent = request({ host: '127.0.0.1', port, path, headers, agent: false }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { headers: response.headers, bytes: Buffer.concat(await response.toArray()) };
}
