/** What the log of joins says of who was one person with whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogEntry } from '../../src/stores/embedded/contacts/join-log.ts';
import { loggedRelations } from '../../src/stores/embedded/contacts/logged-relations.ts';
import type { IdentityKey } from '../../src/stores/store.ts';
import { email, userId } from './sample-changes.ts';

const [own, gone, there, address] = [userId('1'), userId('2'), userId('3'), email('a@x.org')];
const lapsed = userId('4');
const noted = { atMs: 1, by: null };
const merge = { ...noted, kind: 'merge', lifted: [], forgotten: [], isTakenBack: false } as const;

function relations(entry: LogEntry) {
  return loggedRelations(entry, {
    isSought: (it) => it === own,
    isJoined: (it) => it === gone,
    isFree: (it) => it !== there && it !== own,
    hasLapsed: (keys) => keys.includes(lapsed),
  });
}

function join(keys: readonly [IdentityKey, IdentityKey]): LogEntry {
  return { kind: 'join', atMs: 1, datasetId: 1, keys, identity: address };
}

const nothing = { joined: [], joinedOthers: [], parted: [] };

test('a join gives what was joined with the person, and the identity that did it', () => {
  assert.deepEqual(relations(join([own, gone])), { ...nothing, joined: [gone, address] });
  assert.deepEqual(relations(join([own, there])), { ...nothing, joined: [address] });
});

test('what was joined with somebody else later is no longer of the person', () => {
  assert.deepEqual(relations(join([gone, there])), { ...nothing, joinedOthers: [gone] });
  assert.deepEqual(relations(join([gone, userId('9')])), nothing);
});

test('what rows joined for a moment gives nothing', () => {
  assert.deepEqual(relations(join([own, lapsed])), nothing);
  assert.deepEqual(relations(join([gone, lapsed])), nothing);
});

test('a merge gives every row key of both sides, unless it was taken back', () => {
  const sides = [[own], [userId('9'), gone]] as const;
  const entry = { ...merge, keys: [own, gone], sides } as const;
  assert.deepEqual(relations(entry).joined, [gone, sides[1][0], gone]);
  assert.deepEqual(relations({ ...entry, isTakenBack: true }), nothing);
});

test('a parting gives what was parted from the person', () => {
  const pairs = [
    [own, gone],
    [there, userId('9')],
  ] as const;
  assert.deepEqual(relations({ ...noted, kind: 'split', pairs }), { ...nothing, parted: [gone] });
});
