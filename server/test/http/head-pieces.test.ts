/** The pieces of a head are written as the text that they stand for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  fixedText,
  type HeadPiece,
  lengthOf,
  textOf,
  writePieces,
} from '../../src/http/head-pieces.ts';
import { loadEntityTag, tagText } from '../../src/lookup/entity-tag.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });

const { pieces } = fc.letrec<{ piece: HeadPiece; pieces: HeadPiece[] }>((tie) => ({
  piece: fc.oneof(
    ascii,
    fc.integer({ min: 0, max: 0x7fff_ffff }),
    ascii.map(fixedText),
    fc.record({ high: word, low: word }),
    tie('pieces'),
  ),
  pieces: fc.array(tie('piece'), { maxLength: 8 }),
}));

test('a head is written as its text, between what stands before and after it', () => {
  fc.assert(
    fc.property(pieces, (head) => {
      const text = textOf(head);
      const length = lengthOf(head);
      const bytes = Buffer.alloc(length + 8, '#');
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      assert.equal(length, text.length);
      assert.equal(writePieces(head, view, 4), length + 4);
      assert.equal(bytes.toString('latin1'), `####${text}####`);
    }),
    { numRuns: 300 },
  );
});

test('numbers are written with all their digits', () => {
  const numbers = [0, 9, 10, 99, 100, 65_535, 99_999, 2_147_483_647];
  assert.equal(textOf(numbers), numbers.join(''));
  const bytes = Buffer.alloc(lengthOf(numbers));
  writePieces(numbers, new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
  assert.equal(bytes.toString(), numbers.join(''));
});

test('an entity tag is the XXH64 of the body', async () => {
  const entityTag = await loadEntityTag();
  const tagOf = (text: string) => tagText(entityTag(Buffer.from(text)));
  assert.equal(tagOf(''), '"ef46db3751d8e999"');
  assert.equal(tagOf('a'), '"d24ec4f1a98c6e5b"');
});
