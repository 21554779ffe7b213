/** Web servers that send a body other than they announce, and bodies with declared encodings. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { type HttpReading, readHttp } from './http-server.ts';
import { failureOf } from './read-source.ts';

const csv = 'id,email\n1,tom@hello.com\n2,\n';

type Send = (socket: Socket) => void;

/** A server that answers every request with the given bytes. */
async function serveBytes(t: TestContext, send: Send): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => send(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/a.csv`;
}

const head = (...headers: readonly string[]) =>
  `HTTP/1.1 200 OK\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;
const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;
const withLength = (length: number) => head(`Content-Length: ${length}`, 'Connection: close');

for (const [name, send] of [
  ['longer than announced', (socket) => socket.end(`${withLength(csv.length - 3)}${csv}`)],
  [
    'longer than announced, in two pieces',
    (socket) => {
      socket.write(withLength(csv.length) + csv, () => setImmediate(() => socket.end('3,x\n')));
    },
  ],
  [
    'longer than announced, and left open',
    (socket) => socket.write(`${withLength(csv.length)}${csv}3,c@x.org\n`),
  ],
  ['shorter than announced', (socket) => socket.end(withLength(csv.length + 1) + csv)],
  [
    'in chunks, with bytes after the last one',
    (socket) => socket.end(`${head('Transfer-Encoding: chunked')}${chunked(csv)}3,c@x.org\n`),
  ],
  [
    'in chunks, without the last one',
    (socket) => socket.end(`${head('Transfer-Encoding: chunked')}5\r\n${csv.slice(0, 5)}\r\n`),
  ],
  [
    'followed by another answer',
    (socket) => socket.end(`${withLength(csv.length)}${csv}${withLength(csv.length)}${csv}`),
  ],
] as [name: string, send: Send][]) {
  test(`a body that is ${name} fails the run`, async (t) => {
    const url = await serveBytes(t, send);
    const error = await failureOf(readHttp(url));
    assert.equal(error.code, 'source_unavailable', error.detail);
  });
}

test('a body that is as long as announced is read, whether the server closes or not', async (t) => {
  for (const end of [true, false]) {
    const url = await serveBytes(t, (socket) => {
      socket.write(withLength(csv.length) + csv);
      if (end) socket.end();
    });
    assert.equal((await readHttp(url)).rows.length, 2);
  }
});

for (const [coding, pack] of [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
] as const) {
  test(`bytes after a body in ${coding} fail the run`, async (t) => {
    const packed = Buffer.concat([pack(csv), Buffer.from('3,c@x.org\n')]);
    const url = await serveBytes(t, (socket) => {
      const headers = [`Content-Length: ${packed.length}`, `Content-Encoding: ${coding}`];
      socket.end(Buffer.concat([Buffer.from(head(...headers)), packed]));
    });
    assert.equal((await failureOf(readHttp(url))).code, 'source_unavailable');
  });
}

test('a body of many gzip members is read completely', async (t) => {
  const lines = Array.from({ length: 3_000 }, (_, n) => gzipSync(`${n},p${n}@x.org\n`));
  const packed = Buffer.concat([gzipSync('id,email\n'), ...lines]);
  const url = await serveBytes(t, (socket) => {
    const headers = [`Content-Length: ${packed.length}`, 'Content-Encoding: gzip'];
    socket.end(Buffer.concat([Buffer.from(head(...headers)), packed]));
  });
  assert.equal((await readHttp(url)).rows.length, 3_000);
});

/** "Yamada Taro" in Japanese. */
const yamada = '\u5c71\u7530\u592a\u90ce';
const shiftJis = Buffer.from([0x8e, 0x52, 0x93, 0x63, 0x91, 0xbe, 0x98, 0x59]);
const named = Buffer.concat([Buffer.from('email,name\na@x.org,'), shiftJis, Buffer.from('\n')]);

for (const [name, type, reading] of [
  ['the charset of the answer', 'text/csv; charset=Shift_JIS', {}],
  ['a charset in quotes', 'text/csv; header=present; CHARSET="sjis"', {}],
  ['the definition', 'text/csv; charset=utf-8', { encoding: 'shift_jis' }],
] as [name: string, type: string, reading: HttpReading][]) {
  test(`text is read as ${name} says`, async (t) => {
    const url = await serveBytes(t, (socket) => {
      const headers = [`Content-Type: ${type}`, `Content-Length: ${named.length}`];
      socket.end(Buffer.concat([Buffer.from(head(...headers)), named]));
    });
    assert.deepEqual((await readHttp(url, reading)).rows, [['a@x.org', yamada]]);
  });
}

test('pages are read in the charset of their answer, and refused if they are not valid in it', async (t) => {
  const page = Buffer.concat([Buffer.from('[{"name":"'), shiftJis, Buffer.from('"}]')]);
  const pages = { items: '', next: null, parameter: null };
  const serveAs = (type: string) =>
    serveBytes(t, (socket) => {
      const headers = [`Content-Type: ${type}`, `Content-Length: ${page.length}`];
      socket.end(Buffer.concat([Buffer.from(head(...headers)), page]));
    });
  const url = await serveAs('application/json; charset=shift_jis');
  assert.deepEqual((await readHttp(url, { pages })).rows, [[yamada]]);
  const plain = await failureOf(readHttp(await serveAs('application/json'), { pages }));
  assert.match(plain.detail, /sends bytes that are not utf-8 as page 1/);
  const odd = await failureOf(
    readHttp(await serveAs('application/json; charset=x-odd'), { pages }),
  );
  assert.match(odd.detail, /unknown charset/);
});

test('a row of a page that repeats a member is rejected, the others are read', async (t) => {
  const page =
    '{"meta":{"n":2},"data":[\n{"id":1,\n"id":2},{"id":3},{"id":4,"x":{"y":1,"\\u0079":2}}]}';
  const url = await serveBytes(t, (socket) =>
    socket.end(head(`Content-Length: ${page.length}`) + page),
  );
  const pages = { items: '/data', next: null, parameter: null };
  const read = await readHttp(url, { pages });
  assert.deepEqual(read.rows, [['3']]);
  assert.deepEqual(
    read.rejections.map(({ row, reason }) => [row, reason]),
    [1, 3].map((row) => [row, 'has the same member twice']),
  );
});

test('a page that repeats the member with its rows is refused', async (t) => {
  const page = '{"data":[{"id":1}],"data":[{"id":2}]}';
  const url = await serveBytes(t, (socket) =>
    socket.end(head(`Content-Length: ${page.length}`) + page),
  );
  const pages = { items: '/data', next: null, parameter: null };
  const error = await failureOf(readHttp(url, { pages }));
  assert.match(error.detail, /repeats a member outside of the rows of page 1/);
});
