/** A file lock is held until it is released, even if its object is garbage collected. */
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
