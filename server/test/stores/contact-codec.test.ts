/**
 * The bytes of records, sections and batches are read back as they were written. All other bytes
 * are refused.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteScratch } from '../../src/stores/byte-scratch.ts';
import {
  decodeChangeBatch,
  EncodedChanges,
  encodeChangeBatch,
} from '../../src/stores/change-batch.ts';
import { changeKinds } from '../../src/stores/change-kind.ts';
import {
  decodeFields,
  decodeRecord,
  encodeSection,
  findRecordFault,
  viewSection,
} from '../../src/stores/contact-codec.ts';
import { composeRecord, mergeSections, writeRedirect } from '../../src/stores/merge-section.ts';
import { isSameSection, locateFields } from '../../src/stores/read-record.ts';

const json = fc.jsonValue({ maxDepth: 1 }).map((value) => JSON.stringify(value));
const fieldIds = fc.integer({ min: 1, max: 65_535 });
const fieldMap = fc
  .uniqueArray(fc.tuple(fieldIds, json), { selector: ([id]) => id, maxLength: 12 })
  .map((fields) => new Map(fields.sort(([a], [b]) => a - b)));
const patchMap = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 1, max: 8 }), fc.oneof(json, fc.constant(''))), {
    selector: ([id]) => id,
  })
  .map((fields) => new Map(fields.sort(([a], [b]) => a - b)));

function encode(fields: ReadonlyMap<number, string>): Buffer {
  return encodeSection([...fields].map(([id, text]) => [id, Buffer.from(text)]));
}

function view(fields: ReadonlyMap<number, string>) {
  const section = viewSection(encode(fields));
  assert.ok(section !== undefined);
  return section;
}

function record(sections: readonly ReadonlyMap<number, string>[]): Buffer {
  const scratch = new ByteScratch();
  const length = composeRecord(scratch, {
    contactId: Buffer.alloc(16, 7),
    revision: 5n,
    sections: sections.map((fields, place) => ({
      datasetId: place + 1,
      sourceVersion: 2n ** 60n + BigInt(place),
      asOfMs: 1.5 * place,
      view: view(fields),
    })),
  });
  return Buffer.from(scratch.bytes.subarray(0, length));
}

test('a section is read back as it was written', () => {
  fc.assert(
    fc.property(fieldMap, (fields) => assert.deepEqual(decodeFields(view(fields)), fields)),
  );
});

test('a record is read back as it was written', () => {
  fc.assert(
    fc.property(fc.array(fieldMap, { maxLength: 4 }), (sections) => {
      const bytes = record(sections);
      assert.equal(findRecordFault(bytes, bytes.length), undefined);
      const decoded = decodeRecord(bytes, bytes.length);
      assert.equal(decoded.kind, 'contact');
      assert.equal(decoded.revision, 5n);
      assert.deepEqual(decoded.contactId, Buffer.alloc(16, 7));
      assert.deepEqual(
        decoded.sections,
        sections.map((fields, place) => ({
          datasetId: place + 1,
          asOfMs: 1.5 * place,
          sourceVersion: 2n ** 60n + BigInt(place),
          fields,
        })),
      );
    }),
  );
});

test('values are found in their slots, also a value that fills several slots', () => {
  const bytes = record([
    new Map([
      [2, '1'],
      [5, '"five"'],
      [7, '7'],
    ]),
  ]);
  const wanted = [{ datasetId: 1, fieldIds: [1, 5, 5, 6, 7], slots: [0, 3, 1, 2, 4] }];
  const [starts, ends] = [new Uint32Array(5), new Uint32Array(5)];
  locateFields(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), wanted, starts, ends);
  const found = [...starts].map((start, slot) => bytes.toString('utf8', start, ends[slot]));
  assert.deepEqual(found, ['', '"five"', '', '"five"', '7']);
});

test('a redirect is read back with the contact that it leads to', () => {
  const scratch = new ByteScratch();
  const [contactId, winnerId] = [Buffer.alloc(16, 7), Buffer.alloc(16, 8)];
  const length = writeRedirect(scratch, { contactId, winnerId, revision: 5n });
  const bytes = Buffer.from(scratch.bytes.subarray(0, length));
  assert.equal(findRecordFault(bytes, length), undefined);
  const decoded = decodeRecord(bytes, length);
  assert.deepEqual(decoded, { kind: 'redirect', revision: 5n, contactId, winnerId, sections: [] });
});

test('patching an encoded section has the same result as patching a map of its fields', () => {
  fc.assert(
    fc.property(patchMap, patchMap, (old, patch) => {
      const previous = new Map([...old].filter(([, text]) => text !== ''));
      const merged = mergeSections(new ByteScratch(), view(previous), view(patch));
      const all = [...new Map([...previous, ...patch])];
      const sorted = new Map(all.filter(([, text]) => text !== '').sort(([a], [b]) => a - b));
      assert.deepEqual(decodeFields(merged), sorted);
      assert.ok(isSameSection(merged, view(sorted)));
    }),
  );
});

test('a torn or altered record is refused or harmless, and never read past its end', () => {
  const cuts = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), cut: fc.nat() });
  fc.assert(
    fc.property(
      fc.array(fieldMap, { minLength: 1, maxLength: 3 }),
      cuts,
      (sections, { at, byte, cut }) => {
        const sound = record(sections);
        const altered = Buffer.from(sound);
        altered[at % altered.length] = byte;
        // There is nothing behind these bytes, so reading past their end would throw or give
        // undefined.
        const torn = Buffer.from(altered.subarray(0, altered.length - (cut % altered.length)));
        if (findRecordFault(torn, torn.length) !== undefined) {
          assert.throws(() => decodeRecord(torn, torn.length), { code: 'store_unavailable' });
          return;
        }
        const { sections: read } = decodeRecord(torn, torn.length);
        for (const { fields } of read) {
          for (const text of fields.values()) assert.ok(text.length <= torn.length);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('a record shorter than it says, or of another version, is refused with an explanation', () => {
  const bytes = record([new Map([[1, '"Tom"']])]);
  assert.match(findRecordFault(bytes, bytes.length - 1) ?? '', /length/);
  assert.match(findRecordFault(bytes.subarray(0, 20), 20) ?? '', /header/);
  const later = Buffer.from(bytes);
  later[0] = 2;
  assert.match(findRecordFault(later, later.length) ?? '', /version 2/);
  assert.throws(() => decodeRecord(later, later.length), {
    code: 'store_unavailable',
    message: /format version 2/,
  });
});

test('a section of any other bytes is refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      const section = viewSection(bytes);
      if (section !== undefined) assert.equal(section.length + 4, bytes.length);
    }),
    { numRuns: 1_000 },
  );
});

const changes = fc.array(
  fc.record(
    {
      kind: fc.constantFrom(...changeKinds),
      identities: fc.array(
        fc.record(
          {
            typeId: fc.integer({ min: 0, max: 65_535 }),
            digest: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
            value: fc
              .string({ unit: 'grapheme', maxLength: 10 })
              .filter((text) => text.isWellFormed()),
          },
          { noNullPrototype: true },
        ),
        { maxLength: 3 },
      ),
      section: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)),
      cleared: fc.array(fc.integer({ min: 0, max: 65_535 }), { minLength: 1, maxLength: 3 }),
    },
    { noNullPrototype: true, requiredKeys: ['kind', 'identities', 'section'] },
  ),
  { maxLength: 5 },
);

test('a batch of changes is read back as it was written', () => {
  fc.assert(
    fc.property(changes, (batch) => {
      assert.deepEqual(decodeChangeBatch(encodeChangeBatch(batch)), batch);
    }),
  );
});

test('a batch is decoded change by change, in whatever order they are asked for', () => {
  fc.assert(
    fc.property(changes, fc.array(fc.nat({ max: 12 })), (batch, places) => {
      const encoded = new EncodedChanges(encodeChangeBatch(batch));
      for (const place of places) assert.deepEqual(encoded.at(place), batch[place]);
    }),
  );
});

test('a torn or altered batch is refused as malformed, or is another batch', () => {
  const cuts = fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }), cut: fc.nat() });
  fc.assert(
    fc.property(changes, cuts, (batch, { at, byte, cut }) => {
      const bytes = Buffer.from(encodeChangeBatch(batch));
      bytes[at % bytes.length] = byte;
      const torn = Buffer.from(bytes.subarray(0, bytes.length - (cut % bytes.length)));
      try {
        for (const { section } of decodeChangeBatch(torn)) assert.ok(section.length <= torn.length);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'request_malformed');
      }
    }),
    { numRuns: 500 },
  );
});
