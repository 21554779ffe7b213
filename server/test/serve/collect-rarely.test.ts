/** The options of V8 that the server sets. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { collectorOptions } from '../../src/serve/collect-rarely.ts';

test('V8 knows the options that the server sets', () => {
  const { status, stderr } = spawnSync(process.execPath, [...collectorOptions, '--eval', '0']);
  assert.equal(stderr.toString(), '');
  assert.equal(status, 0);
});
