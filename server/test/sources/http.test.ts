/**
 * HTTP as a source, on real servers: files and pages, and servers that are busy, broken or
 * malicious.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type HttpReading, readHttp, serveWeb } from './http-server.ts';
import { makeCertificate } from './make-certificate.ts';
import { failureOf } from './read-source.ts';

const csv = 'id,email\n1,tom@hello.com\n2,\n';
const rows = [
  ['1', 'tom@hello.com'],
  ['2', null],
];

type Route = (call: IncomingMessage, answer: ServerResponse, url: URL) => void;

/** Serves by path, and records the calls. */
async function serve(
  t: TestContext,
  routes: Readonly<Record<string, Route>>,
): Promise<{ url: string; port: number; calls: string[] }> {
  const calls: string[] = [];
  const server = await serveWeb((call, answer) => {
    const url = new URL(call.url ?? '', 'http://x');
    calls.push(`${url.pathname}${url.search}`);
    const route = routes[url.pathname];
    if (route === undefined) answer.writeHead(404).end();
    else route(call, answer, url);
  });
  t.after(() => server.close());
  return { url: server.url, port: server.port, calls };
}

const file =
  (body: string | Buffer, headers: Record<string, string> = {}): Route =>
  (_call, answer) => {
    answer.writeHead(200, headers).end(body);
  };

test('a file is read by its format, by the path or by the media type, however it is packed', async (t) => {
  const { url } = await serve(t, {
    '/a.csv': file(csv),
    '/b': file(csv, { 'content-type': 'text/csv; charset=utf-8' }),
    '/c': file(csv),
    '/d.csv.gz': file(gzipSync(csv)),
    '/e.csv': file(gzipSync(csv), { 'content-encoding': 'gzip' }),
    '/f.csv': file(brotliCompressSync(csv), { 'content-encoding': 'br' }),
    '/g.csv': file(zstdCompressSync(csv), { 'content-encoding': 'zstd' }),
    // Some storages declare the file's own compression as a content encoding.
    '/h.csv.gz': file(gzipSync(csv), { 'content-encoding': 'gzip' }),
    '/i': file('[{"id":1,"email":"tom@hello.com"},{"id":2}]', {
      'content-type': 'application/json',
    }),
  });
  const readings: [path: string, reading: HttpReading][] = [
    ...['/a.csv', '/b', '/d.csv.gz', '/e.csv', '/f.csv', '/g.csv', '/h.csv.gz', '/i'].map(
      (path): [string, HttpReading] => [path, {}],
    ),
    ['/c', { format: 'csv' }],
  ];
  for (const [path, reading] of readings) {
    const read = await readHttp(`${url}${path}`, reading);
    assert.deepEqual(read.rows, rows, path);
  }
  assert.match((await failureOf(readHttp(`${url}/c`))).detail, /Add it to the definition/);
});

test('private and special addresses are refused in every notation', async () => {
  const hosts = [
    ...['127.0.0.1', '2130706433', '0x7f.1', '017700000001', 'localhost', '0.0.0.0', '10.1.2.3'],
    ...[
      '172.16.0.1',
      '192.168.1.1',
      '169.254.169.254',
      '100.64.0.1',
      '224.0.0.1',
      '255.255.255.255',
    ],
    ...[
      '[::1]',
      '[::]',
      '[::ffff:127.0.0.1]',
      '[::ffff:7f00:1]',
      '[64:ff9b::7f00:1]',
      '[fd00:ec2::254]',
    ],
    ...['[fe80::1]', '[fc00::1]', '[ff02::1]', '[2002:7f00:1::]', '[::127.0.0.1]', '[2001:db8::1]'],
  ];
  for (const host of hosts) {
    const reading = { options: { allowedAddresses: ['203.0.113.7/32'] } };
    const error = await failureOf(readHttp(`http://${host}:1/a.csv`, reading));
    assert.equal(error.code, 'definition_invalid', host);
    assert.match(error.detail, /leads to a private address/, host);
  }
});

test('a URL that is not http, or holds a password, is refused', async () => {
  for (const url of [
    'file:///etc/passwd',
    'ftp://a/b.csv',
    'http://me:hush@127.0.0.1/a.csv',
    'hush',
  ]) {
    const error = await failureOf(readHttp(url));
    assert.equal(error.code, 'definition_invalid', url);
    assert.doesNotMatch(error.detail, /hush/);
  }
});

test('the connection goes to the address that was checked, even if DNS changes its answer', async (t) => {
  const inside = await serve(t, { '/a.csv': file(csv) });
  let asked = 0;
  // Resolves to an allowed address first, and to another one after that.
  const resolve = async () => {
    asked += 1;
    return [{ address: asked === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
  };
  const options = { allowedAddresses: ['127.0.0.1/32'] };
  const url = `http://rebinding.example:${inside.port}/a.csv`;
  const read = await readHttp(url, { options, surroundings: { network: { resolve } } });
  assert.deepEqual(read.rows, rows);
  assert.equal(asked, 1);
  const again = await failureOf(readHttp(url, { options, surroundings: { network: { resolve } } }));
  assert.match(again.detail, /leads to a private address/);
});

test('a name with one private address among others is refused', async () => {
  const resolve = async () => [
    { address: '93.184.215.14', family: 4 },
    { address: '::ffff:10.0.0.1', family: 6 },
  ];
  const reading = { options: { allowedAddresses: [] }, surroundings: { network: { resolve } } };
  const error = await failureOf(readHttp('http://mixed.example/a.csv', reading));
  assert.match(error.detail, /leads to a private address/);
});

test('each redirect is checked, and secret headers stay with their origin', async (t) => {
  const seen: (string | undefined)[] = [];
  const other = await serve(t, {
    '/a.csv': (call, answer) => {
      seen.push(call.headers['authorization']);
      answer.end(csv);
    },
  });
  const redirect =
    (to: string): Route =>
    (_call, answer) =>
      answer.writeHead(302, { location: to }).end();
  const { url } = await serve(t, {
    '/here': (call, answer) => {
      seen.push(call.headers['authorization']);
      answer.writeHead(307, { location: `${other.url}/a.csv` }).end();
    },
    '/inside': redirect('http://169.254.169.254/latest/meta-data/a.csv'),
    '/decimal': redirect('http://2886729729/a.csv'),
    '/file': redirect('file:///etc/passwd'),
    '/loop': redirect('/loop'),
    '/nowhere': (_call, answer) => answer.writeHead(302).end(),
  });
  const headers = [['Authorization', 'env:API']] as const;
  assert.deepEqual((await readHttp(`${url}/here`, { headers })).rows, rows);
  assert.deepEqual(seen, ['Bearer hush', undefined]);
  const cases: [path: string, detail: RegExp][] = [
    ['/inside', /leads to a private address/],
    ['/decimal', /leads to a private address/],
    ['/file', /must begin with https/],
    ['/loop', /redirects more than 5 times/],
    ['/nowhere', /redirects without saying where to/],
  ];
  for (const [path, detail] of cases) {
    assert.match((await failureOf(readHttp(`${url}${path}`))).detail, detail);
  }
});

test('a request to a busy server is repeated a few times, after the time that it asks for', async (t) => {
  let left = 2;
  const { url, calls } = await serve(t, {
    '/a.csv': (_call, answer) => {
      left -= 1;
      if (left === 1) answer.writeHead(429, { 'retry-after': '0' }).end();
      else if (left === 0) answer.writeHead(503).end();
      else answer.end(csv);
    },
    '/down.csv': (_call, answer) => answer.writeHead(500).end('tom@hello.com'),
    '/closed.csv': (_call, answer) => answer.writeHead(403).end(),
  });
  assert.deepEqual((await readHttp(`${url}/a.csv`)).rows, rows);
  const down = await failureOf(readHttp(`${url}/down.csv`));
  assert.equal(down.code, 'source_unavailable');
  assert.match(down.detail, /answered with status 500/);
  assert.equal(calls.filter((path) => path === '/down.csv').length, 4);
  const closed = await failureOf(readHttp(`${url}/closed.csv`));
  assert.match(closed.detail, /refused access \(403\)/);
  assert.equal(closed.code, 'definition_invalid');
  const gone = await failureOf(readHttp('http://127.0.0.1:1/a.csv'));
  assert.equal(gone.code, 'source_unavailable');
});

test('a body that is truncated, stalls, never ends or is a decompression bomb fails the run', async (t) => {
  const bomb = gzipSync(Buffer.alloc(160_000_000));
  const { url } = await serve(t, {
    '/short.csv': (_call, answer) => {
      answer.writeHead(200, { 'content-length': '1000' });
      answer.write(csv, () => answer.destroy());
    },
    '/chunks.csv': (_call, answer) => answer.write(csv, () => answer.destroy()),
    '/still.csv': (_call, answer) => answer.write(csv),
    '/silent.csv': () => undefined,
    '/endless.csv': (_call, answer) => {
      const more = () => {
        while (!answer.destroyed && answer.write(csv.repeat(1_000)));
      };
      answer.on('drain', more);
      more();
    },
    '/drops.csv': (_call, answer) => {
      const timer = setInterval(() => answer.write('1,x\n'), 20);
      answer.on('close', () => clearInterval(timer));
    },
    '/bomb.csv': file(bomb, { 'content-encoding': 'gzip' }),
    '/torn.csv': file(gzipSync(csv).subarray(0, 20), { 'content-encoding': 'gzip' }),
  });
  const limits = { maxBytes: 400_000_000, maxMs: 20_000 };
  const exchangeLimits = { firstByteMs: 300, idleMs: 300 };
  const cases: [
    path: string,
    code: string,
    detail: RegExp,
    limits?: { maxBytes: number; maxMs: number },
  ][] = [
    ['/short.csv', 'source_unavailable', /closed the connection|too early/],
    ['/chunks.csv', 'source_unavailable', /closed the connection|too early/],
    ['/still.csv', 'source_unavailable', /did not answer in time/],
    ['/silent.csv', 'source_unavailable', /did not answer in time/],
    [
      '/endless.csv',
      'definition_invalid',
      /more than 1000000 bytes/,
      { maxBytes: 1e6, maxMs: 20_000 },
    ],
    ['/drops.csv', 'source_unavailable', /took longer than/, { maxBytes: 1e6, maxMs: 700 }],
    ['/bomb.csv', 'definition_invalid', /unpacks to more than/],
    ['/torn.csv', 'source_unavailable', /too early/],
  ];
  for (const [path, code, detail, own] of cases) {
    const surroundings = { limits: own ?? limits, exchangeLimits };
    const error = await failureOf(readHttp(`${url}${path}`, { surroundings }));
    assert.match(error.detail, detail, path);
    assert.equal(error.code, code, path);
  }
});

test('pages are read to the last one: by a URL, by a cursor, by a header', async (t) => {
  const item = (id: number) => ({ id, email: id === 2 ? null : `c${id}@example.org` });
  const { url, calls } = await serve(t, {
    '/url': (_call, answer, { searchParams }) => {
      const page = Number(searchParams.get('page') ?? '1');
      const next = page < 3 ? `/url?page=${page + 1}` : null;
      answer.end(JSON.stringify({ data: { rows: [item(page)] }, 'next/page': next }));
    },
    '/cursor': (_call, answer, { searchParams }) => {
      const cursor = searchParams.get('after');
      const [id, next] = cursor === null ? [1, 'a b&c'] : cursor === 'a b&c' ? [2, 17] : [3, ''];
      answer.end(JSON.stringify({ items: [item(id as number)], next }));
    },
    '/link': (_call, answer, { searchParams }) => {
      const page = Number(searchParams.get('page') ?? '1');
      const link = `<${page > 1 ? '/link' : '/x'}>; rel="prev", </link?page=${page + 1}>; title="a, b"; rel="next"`;
      answer.writeHead(200, page < 3 ? { link } : {}).end(JSON.stringify([item(page)]));
    },
  });
  const expected = [
    ['1', 'c1@example.org'],
    ['2', null],
    ['3', 'c3@example.org'],
  ];
  const byUrl = { items: '/data/rows', next: '/next~1page', parameter: null };
  assert.deepEqual((await readHttp(`${url}/url`, { pages: byUrl })).rows, expected);
  const byCursor = { items: '/items', next: '/next', parameter: 'after' };
  assert.deepEqual((await readHttp(`${url}/cursor?limit=1`, { pages: byCursor })).rows, expected);
  assert.equal(calls.at(-1), '/cursor?limit=1&after=17');
  const byHeader = { items: '', next: null, parameter: null };
  assert.deepEqual((await readHttp(`${url}/link`, { pages: byHeader })).rows, expected);
});

test('numbers in pages keep every digit, and unusual names are columns like others', async (t) => {
  const page = '{"rows":[{"id":12345678901234567890,"price":1.5,"__proto__":"x"}]}';
  const { url } = await serve(t, { '/p': file(page) });
  const read = await readHttp(`${url}/p`, {
    pages: { items: '/rows', next: '/next', parameter: null },
  });
  assert.deepEqual(read.columns, ['id', 'price', '__proto__']);
  assert.deepEqual(read.rows, [['12345678901234567890', '1.5', 'x']]);
});

test('pages that loop, lead to another server or are not JSON are refused', async (t) => {
  const json = (value: unknown) => file(JSON.stringify(value));
  const { url } = await serve(t, {
    '/loop': json({ rows: [], next: '/loop' }),
    '/away': json({ rows: [], next: 'http://127.0.0.2:1/x' }),
    '/many': (_call, answer, { searchParams }) => {
      const page = Number(searchParams.get('page') ?? '1');
      answer.end(JSON.stringify({ rows: [{ id: page }], next: `/many?page=${page + 1}` }));
    },
    '/text': file('no json'),
    '/none': json({ rows: { id: 1 }, next: null }),
    '/odd': json({ rows: [], next: { a: 1 } }),
  });
  const pages = { items: '/rows', next: '/next', parameter: null };
  const cases: [path: string, detail: RegExp][] = [
    ['/loop', /links from page 1 to a page that was already read/],
    ['/away', /names a next page on another server/],
    ['/many', /has more than 20 pages/],
    ['/text', /sends no JSON as page 1/],
    ['/none', /has no list of rows at "\/rows" on page 1/],
    ['/odd', /names its next page by something other than a text/],
  ];
  for (const [path, detail] of cases) {
    const reading = { pages, surroundings: { maxPages: 20 } };
    const error = await failureOf(readHttp(`${url}${path}`, reading));
    assert.match(error.detail, detail);
    assert.equal(error.code, 'definition_invalid');
  }
});

test('the certificate of a server is verified', async (t) => {
  const { key, certificate } = makeCertificate(t, 'DNS:files.example');
  const pem = readFileSync(certificate, 'utf8');
  const server = createTlsServer({ key: readFileSync(key), cert: pem }, (_call, answer) =>
    answer.end(csv),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  const trusting = { network: { resolve, authorities: [pem] } };
  const read = await readHttp(`https://files.example:${port}/a.csv`, { surroundings: trusting });
  assert.deepEqual(read.rows, rows);
  const stranger = await failureOf(
    readHttp(`https://files.example:${port}/a.csv`, { surroundings: { network: { resolve } } }),
  );
  assert.match(stranger.detail, /unknown authority/);
  const other = await failureOf(
    readHttp(`https://other.example:${port}/a.csv`, { surroundings: trusting }),
  );
  assert.match(other.detail, /certificate for another host/);
});

test('settings that HTTP sources do not support are refused with a reason', async () => {
  const parts = { options: { watermark: { column: 'at', from: null } } };
  assert.match(
    (await failureOf(readHttp('http://127.0.0.1/a.csv', parts))).detail,
    /cannot be incremental/,
  );
  const headers = [['Host', 'env:X']] as const;
  assert.match(
    (await failureOf(readHttp('http://127.0.0.1/a.csv', { headers }))).detail,
    /Usher sets the header Host itself/,
  );
});
