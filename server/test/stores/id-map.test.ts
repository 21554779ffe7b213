/** A map by identity or contact id: ids whose bytes have the same end stay apart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdMap } from '../../src/stores/embedded/contacts/id-map.ts';

/** Three ids, of which all end with the same bytes. */
const [one, other, third] = [1, 2, 3].map((first) => Uint8Array.of(first, ...Array(15).fill(7)));

test('ids with the same end keep values of their own, whichever is removed', () => {
  for (const gone of [one, other, third]) {
    const map = new IdMap<number>();
    const values = new Map([one, other, third].map((id, place) => [id as Uint8Array, place]));
    for (const [id, value] of values) map.set(id, value);
    map.delete(gone as Uint8Array);
    for (const [id, value] of values) {
      assert.equal(map.get(id), id === gone ? undefined : value);
      assert.equal(map.has(Uint8Array.from(id)), id !== gone);
    }
    assert.equal(map.size, 2);
    assert.equal(map.values().length, 2);
  }
});

test('identities of two types with the same digest keep values of their own', () => {
  const map = new IdMap<string>();
  map.set(one as Uint8Array, 'of type 1', 1);
  map.set(one as Uint8Array, 'of type 2', 2);
  map.set(one as Uint8Array, 'of type 2, again', 2);
  assert.deepEqual(
    [1, 2, 3].map((typeId) => map.get(one as Uint8Array, typeId)),
    ['of type 1', 'of type 2, again', undefined],
  );
  assert.equal(map.size, 2);
});

test('a copy does not change with the map', () => {
  const map = new IdMap<number>();
  map.set(one as Uint8Array, 1);
  map.set(other as Uint8Array, 2);
  const copy = map.copy();
  map.set(one as Uint8Array, 3);
  map.delete(other as Uint8Array);
  assert.deepEqual([copy.get(one as Uint8Array), copy.get(other as Uint8Array)], [1, 2]);
  map.clear();
  assert.deepEqual([map.size, copy.size], [0, 2]);
});
