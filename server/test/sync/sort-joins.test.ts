/** Rows of identities in the order of the largest identity that each one names. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ContactChange, KnownIdentity } from '../../src/stores/store.ts';
import { sortJoins } from '../../src/sync/apply/sort-joins.ts';
import type { ChangeBatch } from '../../src/sync/stage/parse-changes.ts';
import { RandomSource } from '../membership/naive/random-source.ts';
import { makeDataFolder } from '../stores/sample-changes.ts';

const sizes = [0, 1, 999, 1_000, 2_500];

function randomChange(random: RandomSource): ContactChange {
  const identities = Array.from({ length: 1 + random.below(4) }, (): KnownIdentity => {
    const digest = Uint8Array.from({ length: 16 }, () => random.below(256));
    const value = random.pick(['', 'ann@example.org', 'Ünï 7', '{"a":1}']);
    return { typeId: random.pick([1, 7, 300]), digest, value };
  });
  return { kind: 'identity', identities, section: new Uint8Array(0) };
}

async function* batchesOf(
  changes: readonly ContactChange[],
  released: number[],
): AsyncGenerator<ChangeBatch> {
  for (let at = 0; at < changes.length; at += 300) {
    yield { changes: changes.slice(at, at + 300), release: () => released.push(at) };
  }
}

const hexOf = ({ typeId, digest }: KnownIdentity) =>
  typeId.toString(16).padStart(4, '0') + Buffer.from(digest).toString('hex');

const textOf = ({ identities }: ContactChange) =>
  identities.map((it) => `${hexOf(it)} ${it.value}`).join();

/** The digest of the largest identity, as far as a file of parts sorts by it. */
function placeOf({ identities }: ContactChange): string {
  const largest = identities.map(hexOf).sort().at(-1) ?? '';
  return largest.slice(4, 14);
}

for (const size of sizes) {
  test(`each of ${size} rows comes once and as it was, sorted by its largest identity`, async (t) => {
    const random = new RandomSource(size);
    const changes = Array.from({ length: size }, () => randomChange(random));
    const released: number[] = [];
    const path = join(makeDataFolder(t), 'sorted.parts');
    const sorted: ContactChange[] = [];
    for await (const batch of sortJoins(batchesOf(changes, released), path)) {
      assert.ok(batch.changes.length <= 1_000);
      sorted.push(...batch.changes);
    }
    assert.deepEqual(sorted.map(textOf).sort(), changes.map(textOf).sort());
    assert.deepEqual(sorted.map(placeOf), changes.map(placeOf).sort());
    assert.equal(released.length, Math.ceil(size / 300), 'no batch is held');
  });
}
