/** Parts of staged rows on disk: rows of any size are read back unchanged, sorted by contact. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { partsBytes } from '../../src/sync/limits.ts';
import { PartsFile } from '../../src/sync/stage/parts-file.ts';
import { partEnd, rowEnd } from '../../src/sync/stage/row-sql.ts';

/** Small rows, and some that are larger than a block. */
function rowsOf(count: number): string[] {
  return Array.from({ length: count }, (_, n) => {
    const digest = createHash('sha256').update(String(n)).digest('hex').slice(0, 32);
    const value = 'x'.repeat(n % 100 === 7 ? partsBytes.block + n : n % 50);
    // A row without its first identity is sorted by its second.
    const before = n % 3 === 0 ? partEnd : '';
    return `${before}${digest}${n}${partEnd}"${value}"${partEnd}${rowEnd}`;
  });
}

function fill(context: TestContext, rows: readonly string[]): PartsFile {
  const folder = mkdtempSync(join(tmpdir(), 'usher-parts-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const parts = new PartsFile(join(folder, 'parts'));
  for (const [n, row] of rows.entries()) {
    const line = Buffer.from(`head${row}tail`);
    parts.add(n, line, 4, line.length - 4);
  }
  parts.finish();
  return parts;
}

async function read(sorted: AsyncIterable<Buffer>): Promise<string[]> {
  let text = '';
  for await (const bytes of sorted) text += bytes.toString('latin1');
  return text.split(rowEnd).slice(0, -1);
}

const digestOf = (row: string) => row.replaceAll(partEnd, '').slice(0, 10);

test('rows are read back whole, in ascending order of the digest of their first identity', async (context) => {
  const rows = rowsOf(2_000);
  const found = await read(fill(context, rows).sorted({ dropped: undefined, areNumbered: false }));
  assert.deepEqual(found.map(digestOf), rows.map(digestOf).sort());
  assert.deepEqual(new Set(found.map((row) => row + rowEnd)), new Set(rows));
});

test('dropped rows are left out, and the others report their numbers on request', async (context) => {
  const rows = rowsOf(300);
  const dropped = Uint8Array.from({ length: 300 }, (_, n) => (n % 2 === 0 ? 1 : 0));
  const found = await read(fill(context, rows).sorted({ dropped, areNumbered: true }));
  const expected = rows.flatMap((row, n) =>
    n % 2 === 0 ? [] : [`${row.slice(0, -1)}${n}${partEnd}`],
  );
  assert.deepEqual([...found].sort(), expected.sort());
});
