/** What the rows of an identity dataset with one key say adds up, in whatever order they come. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { maxIdentitiesPerContact, maxRowsPerBatch } from '../../src/domain/limits.ts';
import type { ContactChange } from '../../src/stores/store.ts';
import { partEnd, rowEnd } from '../../src/sync/stage/row-sql.ts';
import { sumUpRows } from '../../src/sync/stage/sum-up-rows.ts';

/** The second and the third identifier have the same type, and the third knows only hashes. */
const typeIds = [7, 1, 1];

type Row = readonly (string | undefined)[];

function digestOf(value: string): string {
  return hash('sha256', value, 'hex').slice(0, 32);
}

function pieceOf(rows: readonly Row[]): Buffer {
  const text = rows.map((row) => {
    const parts = row.map((value, place) => {
      if (value === undefined) return partEnd;
      return `${digestOf(value)}${place === 2 ? '' : value}${partEnd}`;
    });
    return parts.join('') + rowEnd;
  });
  return Buffer.from(text.join(''));
}

/** As the file of parts has them: the rows of each range of keys are together. */
function inRanges(rows: readonly Row[]): readonly Buffer[] {
  const ranges = Map.groupBy(rows, (row) =>
    digestOf(row.find((value) => value !== undefined) ?? '').slice(0, 2),
  );
  return [...ranges]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([, own]) => own.map((row) => pieceOf([row])));
}

async function sumUp(pieces: readonly Buffer[]): Promise<ContactChange[]> {
  const changes: ContactChange[] = [];
  for await (const batch of sumUpRows(piecesOf(pieces), typeIds)) {
    assert.ok(batch.changes.length <= maxRowsPerBatch);
    changes.push(...batch.changes);
    batch.release();
  }
  return changes;
}

async function* piecesOf(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces;
}

function told({ identities }: ContactChange): readonly string[] {
  return identities.map(({ typeId, digest, value }) => {
    return `${typeId}:${value || Buffer.from(digest).toString('hex')}`;
  });
}

test('rows with one key become one change: the key first, and every identity once', async () => {
  const rows: readonly Row[] = [
    ['7', 'a@x.org', undefined],
    ['7', 'b@x.org', 'a@x.org'],
    ['7', undefined, 'c@x.org'],
    [undefined, 'a@x.org', 'd@x.org'],
  ];
  const changes = await sumUp(inRanges(rows));
  const found = changes.map(told).sort(([one = ''], [other = '']) => (one < other ? -1 : 1));
  const emails = ['a@x.org', 'b@x.org'].sort((one, other) =>
    digestOf(one) < digestOf(other) ? -1 : 1,
  );
  assert.deepEqual(found, [
    ['1:a@x.org', `1:${digestOf('d@x.org')}`],
    ['7:7', ...emails.map((email) => `1:${email}`), `1:${digestOf('c@x.org')}`],
  ]);
  assert.ok(changes.every(({ kind, section }) => kind === 'identity' && section.length === 0));
});

test('the order of rows changes nothing', async () => {
  const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const row = fc
    .tuple(fc.option(name, { nil: undefined }), name, fc.option(name, { nil: undefined }))
    .map(([no, email, other]): Row => [no, email, other]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 30 }),
      fc.infiniteStream(fc.nat()),
      async (rows, order) => {
        const ranks = new Map(rows.map((one) => [one, order.next().value ?? 0]));
        const turned = rows.toSorted(
          (one, other) => (ranks.get(one) ?? 0) - (ranks.get(other) ?? 0),
        );
        const sorted = async (some: readonly Row[]) => {
          const changes = await sumUp(inRanges(some));
          return changes.map(told).toSorted((one, other) => (one.join() < other.join() ? -1 : 1));
        };
        assert.deepEqual(await sorted(turned), await sorted(rows));
      },
    ),
    { numRuns: 200 },
  );
});

test('a key with more identities than fit is a change that the store refuses', async () => {
  const rows = Array.from(
    { length: 2 * maxIdentitiesPerContact },
    (_, n): Row => ['7', `${n}`, undefined],
  );
  const [change, ...others] = await sumUp(inRanges(rows));
  assert.deepEqual(others, []);
  assert.equal(change?.identities.length, maxIdentitiesPerContact + 1);
});
