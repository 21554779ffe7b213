/** Syncs that are killed at moments spread over their work. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { killSyncs } from './kill-syncs.ts';

const count = 20;
/** Has no common factor with `count`, so that consecutive kills are at moments far apart. */
const stride = 7;

// Holds the invariant killed-anywhere of sync/SPEC.md.
test('a sync that is killed at twenty moments has the same result as one that was never killed', {
  timeout: 240_000,
}, async (context) => {
  const cut = await killSyncs(context, {
    count,
    from: 'reading',
    shareOf: (kill) => (((kill * stride) % count) + 0.5) / count,
  });
  assert.ok(cut >= count / 2, 'too many kills came after the end of their sync');
});
