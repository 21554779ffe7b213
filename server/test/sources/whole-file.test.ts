/** Questions about all bytes of a file have the same answer in a thread as in the caller. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { askFile } from '../../src/sources/file/whole-file.ts';

/** As if the file were this large: a thread reads the second. */
const sizes = [0, Number.POSITIVE_INFINITY];

function fileOf(context: TestContext, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'usher-whole-file-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'rows.csv');
  writeFileSync(path, content);
  return path;
}

test('a formula is found wherever a piece of the file ends, and nowhere else', async (context) => {
  const pieceBytes = 262_144;
  for (const size of sizes) {
    for (const before of [0, pieceBytes - 1, pieceBytes, pieceBytes * 2 - 1]) {
      const path = fileOf(context, `${'x'.repeat(before)}="01"\n`);
      assert.equal(await askFile({ path, asked: 'formulas' }, size), true, `${size}, ${before}`);
    }
    const path = fileOf(context, '=x"'.repeat(pieceBytes));
    assert.equal(await askFile({ path, asked: 'formulas' }, size), false);
  }
});

test('a digest is that of all bytes, and a missing file is an error', async (context) => {
  const content = 'email,name\n'.repeat(50_000);
  const path = fileOf(context, content);
  const digest = createHash('sha256').update(content).digest('hex');
  for (const size of sizes) {
    assert.equal(await askFile({ path, asked: 'digest' }, size), digest);
    const missing = { path: `${path}.gone`, asked: 'digest' } as const;
    await assert.rejects(askFile(missing, size), { code: 'ENOENT' });
  }
});
