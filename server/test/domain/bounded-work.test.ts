/**
 * Every parser of external text does bounded work: a text of four times the length takes about four
 * times as long, and a megabyte takes no time that a caller would notice. The tests measure the
 * processor time of this process, so that other programs on the machine have little effect.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration, parseMoment } from '../../src/administration/duration.ts';
import { type FieldType, fieldTypes } from '../../src/domain/contact/field.ts';
import { normaliseIdentity, parseIdentity } from '../../src/domain/contact/identity.ts';
import { builtInIdentityTypes } from '../../src/domain/contact/identity-type.ts';
import { nearestWord } from '../../src/domain/nearest-word.ts';
import { compileAddressList, normaliseCidr } from '../../src/domain/token/address-list.ts';
import {
  allocateFailedAuthenticationMemory,
  FailedAuthenticationLimiter,
} from '../../src/domain/token/failed-authentication.ts';
import { parseTokenId, tokenIdPart } from '../../src/domain/token/token.ts';
import { isEmptyValue, parseFieldValue } from '../../src/domain/value/field-value.ts';
import { isHost } from '../../src/http/connection/check-request.ts';
import { compileClientAddress } from '../../src/http/connection/client-address.ts';
import { RequestHeadReader } from '../../src/http/connection/request-head.ts';
import { parseLookupQuery } from '../../src/http/lookup/lookup-query.ts';
import { requestIdOf } from '../../src/http/request-id.ts';
import { fieldNameOf } from '../../src/sync/infer/field-names.ts';
import { hostileTexts } from './hostile-texts.ts';

const failures = new FailedAuthenticationLimiter({
  memory: allocateFailedAuthenticationMemory(),
  thread: 1,
  clock: () => 0,
});
const allows = compileAddressList(['2001:db8::/32', '192.0.2.0/24']);
const clientAddress = compileClientAddress(() => true);
const words = ['identity', 'fields', 'email_address', 'total_lifetime_value_jde'];
const identityTypes = new Map(builtInIdentityTypes.map((type) => [type.name, type]));

function readValue(type: FieldType, text: string): void {
  const options = { timeZone: 'Z', dateOrder: 'day-first', separator: ',' } as const;
  if (!isEmptyValue(type, text)) parseFieldValue(type, text, options);
  if (type === 'set') parseFieldValue(type, [text, text], options);
  parseFieldValue(type, text, { ...options, decimalComma: true });
}

function readHead(line: string): void {
  const head = `GET /audience/v2/contacts?identity=email:a@b.c HTTP/1.1\r\nHost: a\r\n${line}\r\n\r\n`;
  new RequestHeadReader().read(head, 0);
}

const readers: Readonly<Record<string, (text: string) => unknown>> = {
  ...Object.fromEntries(
    fieldTypes.map((type) => [`a ${type}`, (text: string) => readValue(type, text)]),
  ),
  'an email': (text) => normaliseIdentity('email', text),
  'an e-mail hash': (text) => normaliseIdentity('email-hash', text),
  'a phone number': (text) => normaliseIdentity('phone', text),
  'an exact identity': (text) => normaliseIdentity('exact', text),
  'a contact id': (text) => normaliseIdentity('contact-id', text),
  'an identity': (text) => parseIdentity(`email:${text}`, identityTypes),
  'an identity of no type': (text) => parseIdentity(text, identityTypes),
  'a token': (text) => [parseTokenId(text), parseTokenId(`ush_${text}`), tokenIdPart(text)],
  'a header': (text) => readHead(`X-A:${text}`),
  'a header and a bad byte': (text) => readHead(`X-A:${text}\x80`),
  "a header's name": (text) => readHead(`${text}: a`),
  'a host': isHost,
  'a query': (text) => parseLookupQuery(`identity=${text}&fields=${text}`),
  'a request id': (text) => requestIdOf(text, () => 'new'),
  'forwarded addresses': (text) => clientAddress('127.0.0.1', text),
  'an address': (text) => [allows(text), allows(`::ffff:${text}`), failures.countFailure(text)],
  'a CIDR text': normaliseCidr,
  'a duration': (text) => [parseDuration(text), parseMoment(text, 0)],
  "a column's name": (text) => fieldNameOf(text, 1),
  'the nearest word': (text) => nearestWord(text, words),
};

const shortLength = 4_096;
/** A quadratic parser takes seconds at 64 KiB, and minutes at 1 MiB. */
const longerTimes = [4, 16, 256];

const texts = new Map(
  Object.entries(hostileTexts).map(([name, make]) => [
    name,
    [1, ...longerTimes].map((times) => make(shortLength * times)),
  ]),
);

function processorMs(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

/**
 * Measures again if the time is too long, because garbage collection pauses the process now and
 * then.
 */
function assertBelow(mostMs: number, work: () => unknown, words: string): void {
  const times: number[] = [];
  while (times.length < 3) {
    times.push(processorMs(work));
    if (Math.min(...times) < mostMs) return;
  }
  assert.fail(`${words}: ${Math.min(...times)} ms, more than ${mostMs} ms`);
}

for (const [reader, read] of Object.entries(readers)) {
  test(`reading ${reader} takes bounded work, whatever the text`, () => {
    for (const [name, [short = '', ...longer]] of texts) {
      const shortMs = Math.min(...[0, 0, 0].map(() => processorMs(() => read(short))));
      for (const [place, long] of longer.entries()) {
        const times = longerTimes[place] ?? 1;
        // Twice the time of a linear parser, plus the resolution of the processor clock.
        const mostMs = 2 * times * shortMs + 10 + times / 2;
        assertBelow(mostMs, () => read(long), `${name}, ${long.length} characters`);
      }
    }
  });
}

test('a header of 8,000 blanks and a bad byte is refused as quickly as one of 2,000', () => {
  for (const blanks of [' '.repeat(2_000), ' '.repeat(8_000), '\t'.repeat(8_000)]) {
    assertBelow(5, () => readHead(`X-A:${blanks}\x80`), `${blanks.length} blanks`);
  }
});
