/** How long the store answers an erasure again, of an organization that sends many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openForWriting } from '../../src/stores/embedded/environment.ts';
import { ErasureLog, type StoredErasure } from '../../src/stores/embedded/erasure/erasure-log.ts';
import { makeDataFolder } from './sample-changes.ts';

const counts: StoredErasure['counts'] = {
  ...{ contacts: 1, identities: 2, rows: 0, keptRows: 0, memberships: 0, amendments: 0 },
  ...{ rollbackEntries: 0, logEntries: 0, withoutContact: 0, suppressedAgain: 0 },
  ...{ alreadySuppressed: 0, notFound: 0 },
};

function done(atMs: number): StoredErasure {
  return { atMs, keyId: '', phase: 'done', after: null, counts };
}

test('old erasures are forgotten however many later ones are still known', async (t) => {
  const environment = openForWriting(makeDataFolder(t));
  const log = (name: string) => new ErasureLog(environment.erase, 1, name);
  const olds = Array.from({ length: 20 }, (_, place) => log(`old ${place}`));
  const others = Array.from({ length: 400 }, (_, place) => log(`other ${place}`));
  environment.transact(() => {
    for (const [place, old] of olds.entries()) {
      for (const byte of [place, place + 100]) old.addSubject(Buffer.alloc(16, byte));
      old.save(done(1_000));
    }
    for (const other of others) other.save(done(9_000));
  });
  const known = () => olds.filter((old) => old.readText() !== undefined).length;
  environment.transact(() => log('new').forgetBefore(5_000, 10));
  assert.ok(known() > 0, 'one call removes 10 subjects at most');
  for (let time = 0; time < 400; time += 1) {
    environment.transact(() => others[time]?.forgetBefore(5_000, 10));
  }
  assert.equal(known(), 0);
  assert.deepEqual(
    olds.flatMap((old) => old.subjects()),
    [],
  );
  assert.ok(others.every((other) => other.readText() !== undefined));
  await environment.close();
});
