/** Values that are read from bytes are those that JSON.parse and Date.parse give. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ZoneDays } from '../../src/domain/value/zone-days.ts';
import { dateReader, readNumber, scanSet } from '../../src/membership/compile/read-values.ts';
import { TextConstants } from '../../src/membership/compile/text-constants.ts';
import { RandomSource } from './naive/random-source.ts';

const numbers = new Float64Array(1);
const isDay = new Uint8Array(1);
const starts = Uint32Array.of(1);
const memory = { bytes: Buffer.alloc(0), starts, ends: starts, numbers, isDay };

function numberOf(json: string): number {
  const bytes = Buffer.from(`,${json},`);
  readNumber({ ...memory, bytes, ends: Uint32Array.of(bytes.length - 1) }, 0, 0);
  return numbers[0] as number;
}

test('a number is the nearest double, however it is written', () => {
  const random = new RandomSource(3);
  const bits = new DataView(new ArrayBuffer(8));
  const texts = ['0', '-1', '9007199254740991', '0.1', '-0.000001', '1e21', '1.5e-300', '5e-324'];
  for (let round = 0; round < 50_000; round += 1) {
    bits.setUint32(0, random.below(2 ** 32));
    bits.setUint32(4, random.below(2 ** 32));
    const double = bits.getFloat64(0);
    if (Number.isFinite(double)) texts.push(String(double));
    const [whole, part] = [random.below(10 ** random.below(10)), random.below(10_000_000)];
    texts.push(`${whole || 0}.${part}`, `-${whole || 0}.0${part}`, `${whole || 0}${part}${part}`);
  }
  for (const text of texts) assert.equal(numberOf(text) + 0, Number(text) + 0, text);
});

test('a date is its moment in UTC, and a day is its beginning in the zone', () => {
  const zone = new ZoneDays('Asia/Kathmandu');
  const read = dateReader(0, zone);
  const random = new RandomSource(4);
  const [first, last] = [Date.parse('0001-01-02'), Date.parse('9999-12-30')];
  for (let round = 0; round < 20_000; round += 1) {
    const ms = first + Math.floor(random.below(2 ** 32) * ((last - first) / 2 ** 32));
    const iso = new Date(random.chance(50) ? ms : Math.floor(ms / 1_000) * 1_000).toISOString();
    const text = iso.replace('.000Z', 'Z');
    read(memory, Buffer.from(`"${text}"`), 0);
    assert.deepEqual([numbers[0], isDay[0]], [Date.parse(text), 0], text);
  }
  read(memory, Buffer.from('"2026-02-28"'), 0);
  assert.deepEqual([numbers[0], isDay[0]], [Date.parse('2026-02-28T00:00:00+05:45'), 1]);
});

test('the elements of a set are counted and found, whatever they contain', () => {
  for (const set of [['a'], ['a', 'b"', '\\', '","', 'ä'], ['[', ']', '']]) {
    const bytes = Buffer.from(`xx${JSON.stringify(set)}yy`);
    const range = { start: 2, end: bytes.length - 2 };
    assert.equal(scanSet(bytes, range), set.length);
    for (const [place, text] of [...set, 'c', '"'].entries()) {
      const found = scanSet(bytes, range, Buffer.from(JSON.stringify(text)));
      assert.equal(found, place < set.length ? place : -1, text);
    }
  }
});

test('a text is found among few constants and among many', () => {
  for (const count of [0, 1, 6, 7, 1_000]) {
    const texts = Array.from({ length: count }, (_, place) => `text ${place} "ä"`);
    const constants = new TextConstants();
    for (const text of [...texts, ...texts]) constants.add(text);
    for (const text of [...texts, '', 'text', 'text 0 "ä" ', 'text 1000 "ä"']) {
      const bytes = Buffer.from(`,${JSON.stringify(text)},`);
      assert.equal(constants.find(bytes, 1, bytes.length - 1), texts.indexOf(text), text);
      assert.equal(constants.numberOf(text), texts.indexOf(text), text);
    }
  }
});
