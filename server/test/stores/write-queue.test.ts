/** The error of a failed write says what was kept. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openForWriting } from '../../src/stores/embedded/environment.ts';
import { GuardedLists } from '../../src/stores/embedded/writer/guarded-lists.ts';
import { WriteQueue } from '../../src/stores/embedded/writer/write-queue.ts';
import { WriteSession } from '../../src/stores/embedded/writer/write-session.ts';

test('a call that fails says whether a part of it was kept', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'usher-queue-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const environment = openForWriting(folder);
  t.after(() => environment.close());
  const lists = new GuardedLists(folder, environment.meta);
  const session = new WriteSession(environment, { nowMs: Date.now, randomBytes }, lists);
  const queue = new WriteQueue(environment, session, folder);
  const failAfter = (steps: number) => {
    let done = 0;
    return queue.writeInSteps<object>(() => {
      if (done === steps) throw new Error('No space left on device');
      return { result: undefined, onCommit: () => (done += 1) };
    });
  };
  await assert.rejects(failAfter(0), /is full\. Nothing of the call was kept\. Free some space/);
  await assert.rejects(failAfter(1), /is full\. A part of the call was kept, and the same call /);
  // Writes of one group that fails are made again, one by one.
  const [nothing, part] = await Promise.allSettled([failAfter(0), failAfter(2)]);
  assert.match(String(nothing.status === 'rejected' && nothing.reason), /Nothing of the call/);
  assert.match(String(part.status === 'rejected' && part.reason), /A part of the call/);
  lists.close();
});
