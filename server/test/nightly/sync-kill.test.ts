/** Syncs that are killed at any moment, from the start of the process on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killSyncs } from '../launch/kill-syncs.ts';

const count = 60;

test('a sync killed sixty times ends as one that was never killed', {
  timeout: 3_600_000,
}, async (context) => {
  const cut = await killSyncs(context, {
    count,
    from: 'start',
    shareOf: (_, random) => random() * 1.1,
  });
  assert.ok(cut >= count / 4, 'the kills came too late to mean anything');
});
