/** Syncs that are killed at moments spread over their work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killSyncs } from './kill-syncs.ts';

const count = 20;
/** Has no factor in common with `count`, so that neighbours in time do not follow each other. */
const stride = 7;

// Holds the invariant killed-anywhere of sync/SPEC.md.
test('a sync killed at twenty moments of its work ends as one that was never killed', {
  timeout: 240_000,
}, async (context) => {
  const cut = await killSyncs(context, {
    count,
    from: 'reading',
    shareOf: (kill) => (((kill * stride) % count) + 0.5) / count,
  });
  assert.ok(cut >= count / 2, 'the kills came too late to mean anything');
});
