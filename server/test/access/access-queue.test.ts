/** What look-up threads queue for the access log: too much, too many texts, and a required log. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { readAccessKeys } from '../../src/access/access-keys.ts';
import { queueSlots } from '../../src/access/limits.ts';
import { listAccess } from '../../src/access/list-access.ts';
import { DigestSet } from '../../src/access/redact-access.ts';
import { verifyAccess } from '../../src/access/verify-access.ts';
import { act, looker, makeAccessPlace, openTestLog, subject } from './access-place.ts';

test('a full queue loses entries, counts them, and goes on', async (t) => {
  const folder = makeAccessPlace(t);
  const log = openTestLog(folder);
  for (let number = 0; number < queueSlots + 10; number += 1) {
    log.queues[0]?.note(looker(), subject(number), act());
  }
  await log.written();
  // The texts of the first entry took three slots.
  assert.deepEqual(log.alarms, ['lost 13']);
  log.queues[0]?.note(looker(), subject(1), act());
  await log.appender.close();
  const verdict = await verifyAccess(folder);
  assert.deepEqual([verdict.entries, verdict.lost], [queueSlots - 2, 13]);
});

test('more different texts than a file can number go on in the next file', async (t) => {
  const folder = makeAccessPlace(t);
  const log = openTestLog(folder);
  const actors = 22_000;
  for (const round of [0, 1, 2, 3]) {
    for (let number = 0; number < actors; number += 1) {
      const actor = `agent ${round * actors + number}`;
      log.queues[0]?.note(looker('token:a', actor), subject(number), act());
    }
    await log.written();
  }
  await log.appender.close();
  const verdict = await verifyAccess(folder);
  assert.deepEqual([verdict.fault, verdict.entries, verdict.lost], [null, 4 * actors, 0]);
  assert.ok(existsSync(join(folder, 'access', '0000000002.log')));
  const keys = await readAccessKeys(folder);
  const last = keys.digestOf(subject(actors - 1));
  const filter = {
    ...{ organizationId: 1, subjects: new DigestSet([last]), who: null, way: null },
    ...{ outcome: null, sinceMs: null, untilMs: null },
  };
  const found = await listAccess(folder, filter, { limit: 10, before: null });
  const numbers = [4, 3, 2, 1].map((round) => `agent ${round * actors - 1}`);
  assert.deepEqual(
    found.entries.map((entry) => entry.actor),
    numbers,
  );
});

test('a required log stops looks when its queue is full', async (t) => {
  const folder = makeAccessPlace(t);
  const log = openTestLog(folder, { isRequired: true });
  const [queue] = log.queues;
  while (queue?.admits(1) === true) queue.note(looker(), subject(1), act());
  await log.written();
  assert.equal(queue?.admits(1), true);
  assert.deepEqual(log.alarms, []);
  await log.appender.close();
});
