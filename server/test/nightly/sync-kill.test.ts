/** Kills syncs at any moment after the start of the process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killSyncs } from '../launch/kill-syncs.ts';

const count = 60;

test('a sync that is killed sixty times has the same result as one that was never killed', {
  timeout: 3_600_000,
}, async (context) => {
  const cut = await killSyncs(context, {
    count,
    from: 'start',
    shareOf: (_, random) => random() * 1.1,
  });
  assert.ok(cut >= count / 4, 'too many kills came after the end of their sync');
});
