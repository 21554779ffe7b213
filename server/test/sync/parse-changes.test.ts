/**
 * Staged rows are parsed into batches of changes, wherever the input is split into chunks. The
 * sections are encoded as the codec encodes them.
 */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxRowsPerBatch } from '../../src/domain/limits.ts';
import { encodeSection } from '../../src/stores/contact-codec.ts';
import type { ContactChange } from '../../src/stores/store.ts';
import { type ChangeBatch, ChangeParser } from '../../src/sync/stage/parse-changes.ts';
import { partEnd, rowEnd } from '../../src/sync/stage/row-sql.ts';

const layout = { kind: 'patch' as const, typeIds: [1, 7], fieldIds: [2, 3, 500] };

interface Row {
  readonly identities: readonly (string | undefined)[];
  readonly values: readonly string[];
}

function digestOf(value: string): string {
  return hash('sha256', value, 'hex').slice(0, 32);
}

function bytesOf(rows: readonly Row[]): Buffer {
  const lines = rows.map(({ identities, values }) => {
    const known = identities.map((value) => (value === undefined ? '' : digestOf(value) + value));
    return [...known, ...values].map((part) => part + partEnd).join('') + rowEnd;
  });
  return Buffer.from(lines.join(''));
}

function expected({ identities, values }: Row): ContactChange {
  const emptied = values.map((json) => (json === '""' || json === '[]' ? '' : json));
  return {
    kind: 'patch',
    identities: identities.flatMap((value, place) =>
      value === undefined
        ? []
        : [
            {
              typeId: layout.typeIds[place] ?? 0,
              digest: Buffer.from(digestOf(value), 'hex'),
              value,
            },
          ],
    ),
    section: encodeSection(
      layout.fieldIds.map((id, place) => [id, Buffer.from(emptied[place] ?? '')] as const),
    ),
  };
}

function take(batches: Iterable<ChangeBatch>, into: ContactChange[]): void {
  for (const { changes, release } of batches) {
    assert.ok(changes.length <= maxRowsPerBatch);
    for (const { kind, identities, section } of changes) {
      const copied = identities.map((one) => ({ ...one, digest: Buffer.from(one.digest) }));
      into.push({ kind, identities: copied, section: Buffer.from(section) });
    }
    release();
  }
}

const json = fc.oneof(
  fc.constantFrom('', '""', '[]', '0', 'true', '"é😀"', '["a","b"]', '"\\"\\u001f"'),
  fc.string({ maxLength: 40 }).map((text) => JSON.stringify(text)),
  fc.integer({ min: 0, max: 5_000 }).map((length) => JSON.stringify('x'.repeat(length))),
);
const row = fc.record({
  identities: fc.tuple(
    fc.option(fc.emailAddress(), { nil: undefined }),
    fc.option(
      fc.string({ minLength: 1, maxLength: 9, unit: fc.constantFrom('a', 'é', '7', '😀') }),
      { nil: undefined },
    ),
  ),
  values: fc.tuple(json, json, json),
});

test('each row becomes the change that it describes', () => {
  fc.assert(
    fc.property(fc.array(fc.array(row, { maxLength: 40 }), { maxLength: 5 }), (pieces) => {
      const parser = new ChangeParser(layout);
      const found: ContactChange[] = [];
      for (const piece of pieces) take(parser.push(bytesOf(piece)), found);
      take(parser.end(), found);
      assert.deepEqual(found, pieces.flat().map(expected));
    }),
    { numRuns: 200 },
  );
});

test('many and large rows arrive in order, in batches of bounded size', () => {
  const rows: Row[] = Array.from({ length: 2_500 }, (_, n) => ({
    identities: [`p${n}@x.org`, undefined],
    values: [String(n), JSON.stringify('y'.repeat(n % 500 === 0 ? 900_000 : 900)), ''],
  }));
  const parser = new ChangeParser(layout);
  const found: ContactChange[] = [];
  for (let from = 0; from < rows.length; from += 300) {
    take(parser.push(bytesOf(rows.slice(from, from + 300))), found);
  }
  take(parser.end(), found);
  assert.equal(found.length, rows.length);
  assert.ok(found.every((change, n) => change.identities[0]?.value === `p${n}@x.org`));
  assert.deepEqual(found[500]?.section, expected(rows[500] as Row).section);
});
