/** Rows that concern the same contacts are sent one after the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { maxRowsPerBatch } from '../../src/domain/limits.ts';
import { digestOf, gatherRows, type RowGroup } from '../../src/sync/apply/gather-rows.ts';
import type { ChangeBatch } from '../../src/sync/stage/parse-changes.ts';
import { email, replace } from '../stores/sample-changes.ts';

const rowOf = (name: string, text = '') => {
  const change = replace([email(name)], {});
  return { ...change, section: Buffer.concat([change.section, Buffer.from(text)]) };
};

/** Rows named by letters, three in a batch; released batches are overwritten, as in a run. */
async function* batchesOf(names: string, text?: string): AsyncGenerator<ChangeBatch> {
  for (let at = 0; at < names.length; at += 3) {
    const letters = names.slice(at, at + 3).split('');
    const changes = letters.map((name) => rowOf(name, text));
    const release = () => {
      for (const { section, identities } of changes) {
        section.fill(0);
        for (const { digest } of identities) digest.fill(0);
      }
    };
    yield { changes, rows: letters.map((name) => name.charCodeAt(0)), release };
  }
}

function groupsOf(...groups: readonly string[]): Map<string, RowGroup> {
  return new Map(
    groups.flatMap((names) => {
      const group = { rows: names.length };
      return names.split('').map((name) => [digestOf(rowOf(name)), group] as const);
    }),
  );
}

/** The rows as they are sent, a text for each batch. */
async function sent(batches: AsyncIterable<ChangeBatch>): Promise<string[]> {
  const texts: string[] = [];
  for await (const { changes, rows, release } of batches) {
    const names = changes.map((change, index) => {
      const name = String.fromCharCode(rows?.[index] ?? 0);
      assert.equal(digestOf(change), digestOf(rowOf(name)));
      return name;
    });
    texts.push(names.join(''));
    release();
  }
  return texts;
}

test('rows of a group follow each other, and the others keep their order', async () => {
  const groups = groupsOf('bk', 'cfj');
  const texts = await sent(gatherRows(batchesOf('abcdefghijkl'), groups));
  assert.deepEqual(texts, ['a', 'de', 'ghi', 'l', 'cfjbk']);
});

test('without groups the batches stay as they are', async () => {
  assert.deepEqual(await sent(gatherRows(batchesOf('abcdef'), new Map())), ['abc', 'def']);
});

test('a row is sent even if others of its group never come', async () => {
  const texts = await sent(gatherRows(batchesOf('abcdef'), groupsOf('bz', 'cd')));
  assert.deepEqual(texts, ['a', 'ef', 'cdb']);
});

test('rows that wait take bounded memory', async () => {
  const batches = gatherRows(batchesOf('abcdefghi', 'x'.repeat(500)), groupsOf('ai', 'bh'), 900);
  assert.deepEqual(await sent(batches), ['c', 'def', 'g', 'abhi']);
  const count = maxRowsPerBatch + 1;
  const names = Array.from({ length: count }, (_, at) => String.fromCharCode(1000 + at)).join('');
  const texts = await sent(gatherRows(batchesOf(names + names), groupsOf(names)));
  assert.deepEqual(
    texts.map(({ length }) => length),
    [maxRowsPerBatch, maxRowsPerBatch, 2],
  );
});
