/** Locks between processes: how long they hold, and what a file that cannot be locked gets. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { takeFileLock } from '../../src/stores/file-lock.ts';
import { makeDataFolder } from './sample-changes.ts';

test('a lock without a reference to it is held until it is released', async (t) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const path = join(makeDataFolder(t), 'test.lock');
  assert.ok(takeFileLock(path) !== undefined);
  for (let turn = 0; turn < 5; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  assert.equal(takeFileLock(path), undefined);
});

test('a lock file that cannot be opened is refused with the account to use', (t) => {
  const path = join(makeDataFolder(t), 'missing', 'test.lock');
  assert.throws(() => takeFileLock(path), {
    code: 'store_unavailable',
    message: /cannot be written by this account\. Run this as/,
  });
});
