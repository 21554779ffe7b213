/** Questions about all bytes of a file have the same answer in a thread as in the caller. */
import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { WholeFile } from '../../src/sources/file/whole-file.ts';

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
      const { mayHaveFormulas } = await new WholeFile(path, size).facts();
      assert.equal(mayHaveFormulas, true, `${size}, ${before}`);
    }
    const path = fileOf(context, '=x"'.repeat(pieceBytes));
    assert.equal((await new WholeFile(path, size).facts()).mayHaveFormulas, false);
  }
});

test('a digest is that of all bytes, and a missing file is an error', async (context) => {
  const content = 'email,name\n'.repeat(50_000);
  const path = fileOf(context, content);
  const key = Buffer.alloc(32, 7);
  const whole = createCipheriv('aes-256-gcm', key, Buffer.alloc(12)).setAAD(Buffer.from(content));
  whole.final();
  for (const size of sizes) {
    const { digest } = await new WholeFile(path, size).facts(key);
    assert.equal(digest, whole.getAuthTag().toString('hex'));
    await assert.rejects(new WholeFile(`${path}.gone`, size).facts(key), { code: 'ENOENT' });
  }
});

test('a file is read once for all facts, and again only for another key', async (context) => {
  const path = fileOf(context, 'email\n');
  const file = new WholeFile(path, 0);
  const key = Buffer.alloc(32, 7);
  const first = await file.facts(key);
  writeFileSync(path, '="01"\n');
  assert.deepEqual([await file.facts(), await file.facts(Buffer.from(key))], [first, first]);
  const other = await file.facts(Buffer.alloc(32, 8));
  assert.notEqual(other.digest, first.digest);
  assert.equal(other.mayHaveFormulas, true);
});
