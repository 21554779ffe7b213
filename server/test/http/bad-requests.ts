/** Generators of the 10,000 bad requests, as bytes for the socket. */
import fc from 'fast-check';

export interface BadRequest {
  /** The kind of request, for the message of a failure. */
  readonly kind: string;
  readonly bytes: Buffer;
}

/** Texts that people or programs easily misread. */
const oddTexts = [
  '',
  ' ',
  '\0',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  'null',
  '-0',
  '1e999',
  '../../etc/passwd',
  '%',
  '%0',
  '%zz',
  '%ff',
  '%c0%af',
  '%ed%a0%80',
  '%00',
  '%0d%0aSet-Cookie:%20a=b',
  '+',
  '&&&===',
  'еmail:tom@hello.com',
  'email：tom@hello.com',
  'email:tom@hello.com\u202e',
  'email:ＴＯＭ@ｈｅｌｌｏ.com',
  'emaıl:tom@hello.com',
  'email:tom@hello。com',
  'email:\u{1f600}@hello.com',
  'email:tom@xn--',
  "email:' OR 1=1 --",
  '{{7*7}}',
  '\ufeff',
  '\u2028',
  'ｉｄｅｎｔｉｔｙ',
  'email:tom@hello.com',
  'x'.repeat(600),
];

const oddText = fc.oneof(
  fc.constantFrom(...oddTexts),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);

const paths = [
  '/audience/v2/contacts',
  '/audience/v2/contacts/lookup',
  '/audience/v2/contacts/batch',
  '/admin/v1/organization',
  '/admin/v1/tokens',
  '/admin/v1/tokens/x',
  '/admin/v1/tokens/x/rotate',
  '/admin/v1/fields',
  '/admin/v1/fields/x',
  '/admin/v1/identity-types',
  '/openapi.json',
  '/livez',
];

const methods = ['GET', 'HEAD', 'POST', 'PATCH', 'DELETE', 'PUT', 'OPTIONS', 'TRACE', 'QUERY'];

/** Removes the line breaks, which would end a target or a header. */
function wire(text: string): string {
  return Buffer.from(text.replace(/[\r\n]/g, '')).toString('latin1');
}

const encoded = oddText.map((text) => encodeURIComponent(text.toWellFormed()));
const sloppy = fc.oneof(
  encoded,
  oddText.map((text) => wire(text).replace(/ /g, '%20')),
);

const query = fc
  .array(
    fc.tuple(
      fc.oneof(fc.constantFrom('identity', 'fields', 'format', 'limit', 'cursor'), sloppy),
      sloppy,
    ),
    { maxLength: 4 },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join('&'));

const target = fc
  .tuple(fc.constantFrom(...paths), fc.oneof(fc.constant(''), sloppy), query)
  .map(([path, rest, text]) => `${path}${rest === '' ? '' : `/${rest}`}?${text}`);

const headerNames = [
  'Host',
  'Authorization',
  'Content-Type',
  'Content-Length',
  'Transfer-Encoding',
  'Accept',
  'Prefer',
  'If-Match',
  'If-None-Match',
  'X-Request-Id',
  'X-Forwarded-For',
  'Expect',
  'Connection',
  'Upgrade',
  'Cookie',
  'Range',
];

const header = fc
  .tuple(fc.oneof(fc.constantFrom(...headerNames), oddText), oddText)
  .map(([name, value]) => `${wire(name)}: ${wire(value)}`);

/**
 * JSON of every kind, with names that have a meaning in JavaScript, and with too large numbers and
 * too deep nesting.
 */
const json = fc.oneof(
  fc.json({ maxDepth: 6 }),
  fc.json().map((text) => text.slice(0, -1)),
  fc.integer({ min: 20, max: 20_000 }).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  fc.integer({ min: 20, max: 5_000 }).map((depth) => '{"identity":'.repeat(depth)),
  fc.constantFrom('1e999', '-', '"\\ud800"', '{"a":1,"a":2}', '\ufeff{}', 'nul', '[1,]', '{"":0}'),
  fc
    .record(
      {
        identity: fc.oneof(oddText, fc.jsonValue()),
        identities: fc.oneof(fc.array(fc.oneof(oddText, fc.jsonValue())), fc.jsonValue()),
        fields: fc.oneof(fc.array(fc.oneof(oddText, fc.jsonValue())), fc.jsonValue()),
        format: fc.oneof(oddText, fc.jsonValue()),
        created_by: oddText,
        scopes: fc.jsonValue(),
        name: fc.jsonValue(),
        currency: oddText,
        content: fc.jsonValue(),
        implied_value: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    .map((body) => JSON.stringify(body)),
  oddText.map((name) => `{${JSON.stringify(name)}:{}}`),
);

function chunked(body: Buffer): string {
  return `${body.length.toString(16)}\r\n${body.toString('latin1')}\r\n0\r\n\r\n`;
}

/** Well-framed requests with meaningless contents. */
function nonsense(authorization: string): fc.Arbitrary<BadRequest> {
  return fc
    .record({
      method: fc.constantFrom(...methods),
      target,
      headers: fc.array(header, { maxLength: 3 }),
      body: fc.oneof(fc.constant(undefined), json),
      isChunked: fc.boolean(),
    })
    .map(({ method, target: to, headers, body, isChunked }) => {
      const bytes = Buffer.from(body ?? '');
      const framing = isChunked
        ? 'Transfer-Encoding: chunked\r\n'
        : `Content-Length: ${bytes.length}\r\n`;
      const own = body === undefined ? '' : `Content-Type: application/json\r\n${framing}`;
      const more = headers.map((line) => `${line}\r\n`).join('');
      const head = `${method} ${to} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n${own}${more}\r\n`;
      const sent = isChunked ? chunked(bytes) : bytes.toString('latin1');
      const text = head + (body === undefined ? '' : sent);
      return { kind: 'nonsense', bytes: Buffer.from(text, 'latin1') };
    });
}

/** Valid requests with a meaningless body. Most of these reach the routes. */
function badBody(authorization: string): fc.Arbitrary<BadRequest> {
  const posted = ['/lookup', '/batch'].map((path) => `POST /audience/v2/contacts${path}`);
  const written = ['POST /admin/v1/tokens', 'PATCH /admin/v1/organization'];
  const line = fc.constantFrom(
    ...posted,
    ...posted,
    ...written,
    'PATCH /admin/v1/fields/shoe_size',
  );
  return fc.tuple(line, json).map(([start, text]) => {
    const body = Buffer.from(text);
    const head = `${start} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    return { kind: 'bad body', bytes: Buffer.concat([Buffer.from(head, 'latin1'), body]) };
  });
}

/** Valid look-ups with a meaningless query. These use the plain door where they can. */
function badQuery(authorization: string): fc.Arbitrary<BadRequest> {
  return query.map((text) => ({
    kind: 'bad query',
    bytes: Buffer.from(
      `GET /audience/v2/contacts?${text} HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`,
      'latin1',
    ),
  }));
}

/** Requests with broken framing: a valid one with bytes removed, inserted or changed. */
function broken(authorization: string): fc.Arbitrary<BadRequest> {
  const sound = [
    `GET /audience/v2/contacts?identity=email:tom@hello.com HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\n\r\n`,
    `POST /audience/v2/contacts/lookup HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nContent-Length: 34\r\n\r\n{"identity":"email:tom@hello.com"}`,
    `POST /audience/v2/contacts/lookup HTTP/1.1\r\nHost: x\r\nAuthorization: ${authorization}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n22\r\n{"identity":"email:tom@hello.com"}\r\n0\r\n\r\n`,
  ];
  const insertion = fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    fc
      .constantFrom(
        '\r',
        '\n',
        '\r\n',
        '\0',
        ' ',
        '\t',
        ':',
        '\r\n\r\n',
        '\r\n ',
        'HTTP/1.1',
        '\x7f',
      )
      .map((text) => Buffer.from(text, 'latin1')),
    header.map((line) => Buffer.from(`\r\n${line}`, 'latin1')),
  );
  return fc
    .record({
      text: fc.constantFrom(...sound),
      at: fc.nat(),
      cut: fc.nat({ max: 12 }),
      insertion: fc.option(insertion, { nil: Buffer.alloc(0) }),
    })
    .map(({ text, at, cut, insertion: inserted }) => {
      const bytes = Buffer.from(text, 'latin1');
      const place = at % bytes.length;
      const tail = bytes.subarray(Math.min(bytes.length, place + cut));
      return { kind: 'broken', bytes: Buffer.concat([bytes.subarray(0, place), inserted, tail]) };
    });
}

const garbage: fc.Arbitrary<BadRequest> = fc
  .oneof(
    fc.uint8Array({ minLength: 1, maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
    fc.constantFrom(
      Buffer.from('\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 'latin1'),
      Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
      Buffer.from('GET /livez\r\n\r\n'),
      Buffer.from('\r\n\r\n\r\n\r\nGET /livez HTTP/1.1\r\nHost: x\r\n\r\n'),
      Buffer.from(`GET /livez HTTP/1.1\r\nHost: x\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`),
      Buffer.from(`GET /livez HTTP/1.1\r\nHost: x\r\n${'X-Many: y\r\n'.repeat(400)}\r\n`),
      Buffer.from(`GET /${'a'.repeat(15_000)} HTTP/1.1\r\nHost: x\r\n\r\n`),
    ),
  )
  .map((bytes) => ({ kind: 'garbage', bytes }));

/** One bad request, or several on one connection. */
export function badRequests(authorization: string): fc.Arbitrary<BadRequest> {
  const one = fc.oneof(
    { weight: 4, arbitrary: nonsense(authorization) },
    { weight: 4, arbitrary: badBody(authorization) },
    { weight: 3, arbitrary: badQuery(authorization) },
    { weight: 4, arbitrary: broken(authorization) },
    { weight: 1, arbitrary: garbage },
  );
  const pipelined = fc.array(one, { minLength: 2, maxLength: 4 }).map((requests) => ({
    kind: `pipelined ${requests.map(({ kind }) => kind).join(', ')}`,
    bytes: Buffer.concat(requests.map(({ bytes }) => bytes)),
  }));
  return fc.oneof({ weight: 8, arbitrary: one }, { weight: 1, arbitrary: pipelined });
}
