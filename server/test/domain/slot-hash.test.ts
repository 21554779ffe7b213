/** The slot of a unit: the hash, the published vectors, and how evenly units spread over slots. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DuckDBInstance } from '@duckdb/node-api';
import fc from 'fast-check';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import { experimentSlots } from '../../src/domain/flow/flow-slots.ts';
import { addMd5Block, md5Start } from '../../src/domain/flow/md5-block.ts';
import {
  contactSlotUnit,
  isSalt,
  type SlotSalt,
  slotOf,
  slotSalt,
  slotUnit,
} from '../../src/domain/flow/slot-hash.ts';
import { nobody, outcomeAt, type Slots, slotCount } from '../../src/domain/flow/slots.ts';
import { maxSaltLength } from '../../src/domain/limits.ts';

const page = new URL('../../../docs/flows.md', import.meta.url);

/** MD5 as the RFC describes it, with the product's compression function. */
function md5(text: string): string {
  const bytes = Buffer.from(text);
  const padded = Buffer.alloc(Math.ceil((bytes.length + 9) / 64) * 64);
  bytes.copy(padded);
  padded[bytes.length] = 0x80;
  padded.writeUInt32LE(bytes.length * 8, padded.length - 8);
  const words = Int32Array.from({ length: padded.length / 4 }, (_, at) =>
    padded.readInt32LE(at * 4),
  );
  const sums = Int32Array.from(md5Start);
  for (let start = 0; start < words.length; start += 16) addMd5Block(sums, words, start);
  const digest = Buffer.alloc(16);
  for (const [at, sum] of sums.entries()) digest.writeInt32LE(sum, at * 4);
  return digest.toString('hex');
}

test('the hash is MD5, by the vectors of RFC 1321', () => {
  for (const [text, digest] of [
    ['', 'd41d8cd98f00b204e9800998ecf8427e'],
    ['a', '0cc175b9c0f1b6a831c399e269772661'],
    ['abc', '900150983cd24fb0d6963f7d28e17f72'],
    ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
    ['abcdefghijklmnopqrstuvwxyz', 'c3fcd3d76192e4007dfb496cca67e13b'],
    [
      'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789',
      'd174ab98d277d9f5a5611c2c9f419d9f',
    ],
    ['1234567890'.repeat(8), '57edf4a22be3c955ac49da2e2107b67a'],
  ] as const) {
    assert.equal(md5(text), digest, text);
  }
});

const hex = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const unit = fc.oneof(fc.uuid(), hex(32));
const salt = fc.string({
  unit: fc.constantFrom(...'abcXYZ019._-'),
  minLength: 1,
  maxLength: maxSaltLength,
});

test('the slot of any unit and salt is that of the native MD5', () => {
  fc.assert(
    fc.property(unit, salt, (text, by) => {
      const digits = hash('md5', `${text}:${by}`, 'hex').slice(0, 8);
      assert.equal(slotOf(slotUnit(text), slotSalt(by)), Number.parseInt(digits, 16) % slotCount);
    }),
    { numRuns: 2_000 },
  );
});

test('the unit of a contact is the text of its id, in new memory or in that of another', () => {
  const known = slotUnit('ffffffff-ffff-4fff-bfff-ffffffffffff');
  fc.assert(
    fc.property(fc.uuid(), (text) => {
      const id = Buffer.from(text.replaceAll('-', ''), 'hex');
      assert.deepEqual(contactSlotUnit(id), slotUnit(text));
      assert.equal(contactSlotUnit(id, 0, known), known);
      assert.deepEqual(known, slotUnit(text));
    }),
  );
});

test('a salt is 1 to 64 letters of ASCII, digits, dots, hyphens and underscores', () => {
  for (const text of ['142309', 'A.b_c-9', 'x'.repeat(64)]) assert.ok(isSalt(text), text);
  for (const text of ['', 'a b', 'a:b', 'é', 'a\n', 'x'.repeat(65)]) assert.ok(!isSalt(text), text);
});

/** The rows of the table of vectors: unit, salt, slot. */
const vectors = [
  ...readFileSync(page, 'utf8').matchAll(/^\| `([0-9a-f-]+)` \| `([^`]+)` \| ([0-9]+) \|$/gm),
].map(([, text = '', by = '', slot = '']) => ({ text, by, slot: Number(slot) }));

test('the published vectors hold', () => {
  assert.ok(vectors.length >= 8, 'the page has no vectors');
  for (const { text, by, slot } of vectors) {
    assert.equal(slotOf(slotUnit(text), slotSalt(by)), slot, `${text} ${by}`);
  }
});

test("the page's query computes the published vectors", async () => {
  const [, query = ''] = /```sql\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8')) ?? [];
  assert.match(query, /md5/);
  const connection = await (await DuckDBInstance.create()).connect();
  const rows = vectors.map(({ text, by }) => `('${text}', '${by}')`).join(', ');
  await connection.run(`CREATE TABLE units AS SELECT * FROM (VALUES ${rows}) AS v(unit, salt)`);
  const answer = await connection.runAndReadAll(query);
  assert.deepEqual(
    answer.getRowObjects().map((row) => Number(row['slot'])),
    vectors.map(({ slot }) => slot),
  );
  connection.closeSync();
});

/** Contact ids as they are given: random. Here from a hash, so that each run tests the same. */
function* contactIds(count: number): Generator<string> {
  for (let number = 0; number < count; number += 1) {
    const digits = hash('sha256', `contact ${number}`, 'hex');
    yield `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
  }
}

/** The sum over all cells of (counted − expected)² ÷ expected. */
function chiSquared(counts: readonly number[], expected: readonly number[]): number {
  return counts.reduce((sum, count, cell) => {
    const usual = expected[cell] ?? 0;
    return sum + (count - usual) ** 2 / usual;
  }, 0);
}

const million = 1_000_000;

/** Upper 0.1 % points of chi-squared by degrees of freedom. */
const bounds = { 3: 16.266, 9: 27.877, 81: 125.2 } as const;

/** The slots of a million contacts in the flow 142309. */
let millionSlots: Uint16Array | undefined;

function slotsOfMillion(): Uint16Array {
  const by = slotSalt('142309');
  millionSlots ??= Uint16Array.from(contactIds(million), (id) => slotOf(slotUnit(id), by));
  return millionSlots;
}

function splitSlots(weights: readonly number[], holdout = 0, before: Slots | null = null): Slots {
  const variants = weights.map((weight, at) => ({ name: `${at}`, weight }));
  return experimentSlots(before, { holdout, split: { by: 'weight', variants } });
}

test('a million contacts spread over four variants by their weights, and over tenths', () => {
  const weights = [40, 30, 20, 10];
  const slots = splitSlots(weights);
  const counts = [0, 0, 0, 0];
  const tenths = Array.from({ length: 10 }, () => 0);
  for (const slot of slotsOfMillion()) {
    const owner = slots.owners[slot] ?? 0;
    counts[owner] = (counts[owner] ?? 0) + 1;
    const tenth = Math.floor(slot / 1_000);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  const expected = weights.map((weight) => (million * weight) / 100);
  const measured = chiSquared(counts, expected);
  assert.ok(measured < bounds[3], `${measured}: ${counts.join(', ')}`);
  const even = tenths.map(() => million / 10);
  assert.ok(chiSquared(tenths, even) < bounds[9], tenths.join(', '));
});

test('a change of weights by a tenth moves 10 % ± 0.2 of a million contacts', () => {
  for (const [was, is] of [
    [
      [50, 50],
      [60, 40],
    ],
    [
      [50, 30, 20],
      [40, 30, 30],
    ],
  ] as const) {
    const before = splitSlots(was);
    const after = splitSlots(is, 0, before);
    const moved = slotsOfMillion().filter(
      (slot) => outcomeAt(before, slot) !== outcomeAt(after, slot),
    ).length;
    assert.ok(Math.abs((moved * 100) / million - 10) <= 0.2, `${was} to ${is}: ${moved}`);
  }
});

test('a holdout from 10 to 20 % moves a tenth of a million contacts, and only into it', () => {
  const before = splitSlots([50, 30, 20], 10);
  const after = splitSlots([50, 30, 20], 20, before);
  let moved = 0;
  for (const slot of slotsOfMillion()) {
    const [was, is] = [outcomeAt(before, slot), outcomeAt(after, slot)];
    if (was === is) continue;
    assert.equal(is, nobody, `a contact in slot ${slot} moves from ${was} to ${is}`);
    moved += 1;
  }
  assert.ok(Math.abs((moved * 100) / million - 10) <= 0.2, `${moved}`);
});

test('the slots of two flows are independent, also if their salts are much alike', () => {
  for (const [one, other] of [
    ['142309', '142310'],
    ['a', 'aa'],
  ] as const) {
    const measured = chiSquared(...pairs(slotSalt(one), slotSalt(other)));
    assert.ok(measured < bounds[81], `${one} and ${other}: ${measured}`);
  }
});

/** Contacts in each pair of a tenth of one flow and a tenth of the other; counted and expected. */
function pairs(one: SlotSalt, other: SlotSalt): [counts: number[], expected: number[]] {
  const counts = Array.from({ length: 100 }, () => 0);
  const [rows, columns] = [new Array<number>(10).fill(0), new Array<number>(10).fill(0)];
  const count = 250_000;
  for (const id of contactIds(count)) {
    const text = slotUnit(id);
    const row = Math.floor(slotOf(text, one) / 1_000);
    const column = Math.floor(slotOf(text, other) / 1_000);
    counts[row * 10 + column] = (counts[row * 10 + column] ?? 0) + 1;
    rows[row] = (rows[row] ?? 0) + 1;
    columns[column] = (columns[column] ?? 0) + 1;
  }
  const expected = counts.map((_, cell) => {
    return ((rows[Math.floor(cell / 10)] ?? 0) * (columns[cell % 10] ?? 0)) / count;
  });
  return [counts, expected];
}

test("the page's unit of an e-mail is the digest by which the store finds it", () => {
  const digest = (name: 'email' | 'email-hash' | 'exact', value: string) =>
    identityDigest(name, value).toString('hex');
  const address = 'tom@hello.com';
  assert.equal(digest('email', address), 'dd2ea6be8533573365914473928cead5');
  assert.equal(digest('email-hash', hash('sha256', address, 'hex')), digest('email', address));
  assert.equal(digest('exact', 'u-1001'), '1bee97acdddc9ff5bca4d04ea02cfd05');
});
