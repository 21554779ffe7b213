/** The pages of the documentation over real sockets, and the site of a test folder. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { type DocsSite, readDocsSite } from '../../src/http/pages/docs-site.ts';
import { readPages } from '../docs/pages.ts';
import { callApi } from './call-api.ts';
import { readProblem } from './problem-shape.ts';
import { startApi } from './start-api.ts';

test('every page is listed, and every link of every page leads to a page or a heading', async (t) => {
  const api = await startApi(t);
  const pages = new Map<string, string>();
  const open = ['/docs/'];
  const targets: string[] = [];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (pages.has(path)) continue;
    const { status, body } = await callApi(api, { path, headers: { accept: 'text/html' } });
    assert.equal(status, 200, path);
    pages.set(path, body);
    for (const [, href = ''] of body.matchAll(/<a href="([^"]*)"/g)) {
      const { pathname, hash, origin } = new URL(href, `${api.url}${path}`);
      if (origin !== api.url) continue;
      targets.push(pathname + hash);
      if (pathname !== '/docs/api') open.push(pathname);
    }
  }
  const written = [...readPages().keys()].filter((path) => path.startsWith('docs/'));
  const expected = written.map((path) => `/${path.replace(/\.md$/, '')}`);
  assert.deepEqual([...pages.keys()].sort(), ['/docs/', ...expected].sort());
  const lost = targets.filter((target) => {
    const [path = '', anchor = ''] = target.split('#');
    return anchor !== '' && !pages.get(path)?.includes(`id="${anchor}"`);
  });
  assert.deepEqual(lost, []);
});

test('a page refers to no other resource, may load none, and a cached page is answered with 304', async (t) => {
  const api = await startApi(t);
  const page = await callApi(api, { path: '/docs/http' });
  assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8');
  assert.match(page.body, /<h1 id="the-http-api">The HTTP API<\/h1>/);
  assert.doesNotMatch(page.body, /<script|<img|\bsrc=|@import|url\(/);
  const policy = page.headers.get('content-security-policy') ?? '';
  assert.match(policy, /^default-src 'none'; style-src 'sha256-[^']+'; img-src data:; base-uri/);
  assert.doesNotMatch(policy, /unsafe|https?:|script-src/);
  const headers = { 'if-none-match': page.headers.get('etag') ?? '' };
  assert.equal((await callApi(api, { path: '/docs/http', headers })).status, 304);
  const head = await callApi(api, { method: 'HEAD', path: '/docs/http' });
  assert.equal(head.headers.get('content-length'), String(Buffer.byteLength(page.body)));
});

test('the root redirects to the documentation', async (t) => {
  const api = await startApi(t);
  const { status, headers } = await callApi(api, { path: '/' });
  assert.deepEqual([status, headers.get('location')], [302, '/docs/']);
});

test('a path that is not a page gives no access to other files', async (t) => {
  const api = await startApi(t);
  for (const path of [
    '/docs/nothing',
    '/docs/http.md',
    '/docs/decisions',
    '/docs/__proto__',
    '/docs/constructor/name',
    '/docs/..%2fREADME',
    '/docs/..%2F..%2Fetc%2Fpasswd',
    '/docs/../README',
    '/docs/%2e%2e/README',
    '/docs/decisions/..%2fhttp',
    '/docs/http%00',
    '/docs//http',
    '/docs/decisions/a/b',
  ]) {
    const problem = readProblem(await callApi(api, { path }));
    assert.equal(problem.code, 'route_unknown', path);
  }
});

async function siteOf(t: TestContext, files: Readonly<Record<string, string>>): Promise<DocsSite> {
  const folder = mkdtempSync(join(tmpdir(), 'usher-docs-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return readDocsSite(pathToFileURL(`${folder}/`));
}

test('HTML in a page becomes text, and a link out of the folder is removed', async (t) => {
  const site = await siteOf(t, {
    'one.md':
      '# One & `two` <b>\n\n<script>x</script> a <i>b</i> \n\n![c](c.png) [out](../../etc/passwd) [j](javascript:x)',
    'in/deep.md': '# Deep\n\n[up](../one.md#one) [folder](../in/)',
    'in/too/deep.md': '# Not served',
    'note.txt': 'Not served',
  });
  const one = site.page('one')?.bytes.toString() ?? '';
  assert.ok(one.includes('<title>One &amp; two &lt;b&gt;</title>'), one);
  assert.ok(one.includes('&lt;script&gt;x&lt;/script&gt;'), one);
  assert.ok(one.includes('a &lt;i&gt;b&lt;/i&gt;'), one);
  assert.ok(one.includes('<p>c out j</p>'), one);
  const deep = site.page('in/deep')?.bytes.toString() ?? '';
  assert.ok(deep.includes('<a href="../one#one">up</a> <a href="../#in">folder</a>'), deep);
  const list = site.page('')?.bytes.toString() ?? '';
  assert.ok(list.includes('<a href="in/deep">Deep</a>'), list);
  assert.deepEqual([site.page('in/too/deep'), site.page('note')], [undefined, undefined]);
});

test('a page contains its pictures, and no file outside the folder', async (t) => {
  const svg = '<svg xmlns="http://www.w3.org/2000/svg"/>';
  const site = await siteOf(t, {
    'one.md': '# One\n\n![A "box"](pictures/box.svg) ![b](pictures/none.svg) ![c](../box.svg)',
    'in/deep.md': '# Deep\n\n![Box](../pictures/box.svg)',
    'pictures/box.svg': svg,
  });
  const source = `src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}"`;
  const one = site.page('one')?.bytes.toString() ?? '';
  assert.ok(one.includes(`<p><img ${source} alt="A &quot;box&quot;"> b c</p>`), one);
  const deep = site.page('in/deep')?.bytes.toString() ?? '';
  assert.ok(deep.includes(`<img ${source} alt="Box">`), deep);
  assert.equal(site.page('pictures/box'), undefined);
});

test('without the docs folder the site is empty', async () => {
  const site = await readDocsSite(pathToFileURL(join(tmpdir(), 'usher-no-such-folder/')));
  assert.deepEqual([site.isEmpty, site.page('')], [true, undefined]);
});

test('the path without its slash redirects to the list of pages', async (t) => {
  const api = await startApi(t);
  const answer = await callApi(api, { path: '/docs' });
  assert.deepEqual([answer.status, answer.headers.get('location')], [308, '/docs/']);
});
