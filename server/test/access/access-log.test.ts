/** The access log without a server: what is noted is found again, and what was changed is named. */
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { readAccessKeys } from '../../src/access/access-keys.ts';
import { requestAccessErasure } from '../../src/access/erasure-spool.ts';
import { maxFileBytes } from '../../src/access/limits.ts';
import { type AccessFilter, listAccess } from '../../src/access/list-access.ts';
import { DigestSet } from '../../src/access/redact-access.ts';
import { verifyAccess } from '../../src/access/verify-access.ts';
import { openCatalog } from '../../src/catalog/open-catalog.ts';
import {
  act,
  everything,
  listAll,
  looker,
  makeAccessPlace,
  openTestLog,
  startMs,
  subject,
} from './access-place.ts';

async function about(folder: string, ...numbers: number[]): Promise<DigestSet> {
  const keys = await readAccessKeys(folder);
  return new DigestSet(numbers.map((number) => keys.digestOf(subject(number))));
}

test('an entry says who looked at whom, when, at which fields, and what came of it', async (t) => {
  const folder = makeAccessPlace(t);
  const log = openTestLog(folder);
  const [queue] = log.queues;
  queue?.note(looker('token:a', 'agent 7'), subject(1), act({ fields: '-1,3' }));
  const missed = act({ atMs: startMs + 5, outcome: 'contact_not_found', way: 'batch' });
  queue?.note(looker('user:b'), subject(2, 9), missed);
  await log.written();
  const [miss, hit] = await listAll(folder);
  assert.deepEqual(hit, {
    ...{ atMs: startMs, who: 'token:a', actor: 'agent 7', address: '192.0.2.7' },
    ...{ way: 'lookup', outcome: 'success', fieldIds: [-1, 3], remark: null, isContact: true },
    subject: (await readAccessKeys(folder)).digestOf(subject(1)).toString('hex'),
  });
  assert.equal(miss?.atMs, startMs + 5);
  assert.deepEqual([miss?.who, miss?.actor, miss?.way], ['user:b', null, 'batch']);
  assert.deepEqual([miss?.outcome, miss?.isContact], ['contact_not_found', false]);
  await log.appender.close();
});

test('filters find the entries of a subject, a caller, an outcome and a time', async (t) => {
  const folder = makeAccessPlace(t);
  const log = openTestLog(folder, { threads: 2 });
  for (let number = 0; number < 100; number += 1) {
    const outcome = number % 10 === 0 ? 'contact_not_found' : 'success';
    const done = act({ atMs: startMs + number, outcome });
    log.queues[number % 2]?.note(looker(`token:${number % 3}`), subject(number % 5), done);
    if (number % 20 === 0) await log.written();
  }
  await log.written();
  const timesOf = async (filter: Partial<AccessFilter>) =>
    (await listAll(folder, filter)).map(({ atMs }) => atMs - startMs).sort((a, b) => a - b);
  const numbers = Array.from({ length: 100 }, (_, number) => number);
  assert.deepEqual(
    await timesOf({ subjects: await about(folder, 3) }),
    numbers.filter((it) => it % 5 === 3),
  );
  assert.deepEqual(
    await timesOf({ who: 'token:2' }),
    numbers.filter((it) => it % 3 === 2),
  );
  assert.deepEqual(
    await timesOf({ outcome: 'contact_not_found' }),
    numbers.filter((it) => it % 10 === 0),
  );
  assert.deepEqual(
    await timesOf({ sinceMs: startMs + 10, untilMs: startMs + 20 }),
    numbers.slice(10, 20),
  );
  assert.deepEqual(await listAll(folder, { organizationId: 2 }), []);
  const pages: number[] = [];
  for (let before: Parameters<typeof listAccess>[2]['before'] = null; ; ) {
    const page = await listAccess(folder, everything, { limit: 7, before });
    pages.push(...page.entries.map(({ atMs }) => atMs - startMs));
    before = page.next;
    if (before === null) break;
  }
  assert.deepEqual(
    pages.toSorted((a, b) => a - b),
    numbers,
  );
  await log.appender.close();
});

test('a changed byte anywhere in the log is found', async (t) => {
  const folder = makeAccessPlace(t);
  const log = openTestLog(folder);
  for (let number = 0; number < 3; number += 1) {
    log.queues[0]?.note(looker(), subject(number), act());
    await log.written();
  }
  await requestAccessErasure(folder, 'request-1', [subject(1)]);
  await log.written();
  await log.written();
  await log.appender.close();
  const verdict = await verifyAccess(folder);
  assert.deepEqual(
    [verdict.fault, verdict.end, verdict.entries, verdict.redacted],
    [null, 'closed', 3, 1],
  );
  const names = readdirSync(join(folder, 'access')).filter((name) => /\.(?:log|mark)$/.test(name));
  assert.equal(names.length, 2);
  for (const name of names) {
    const path = join(folder, 'access', name);
    const whole = readFileSync(path);
    for (let place = 0; place < whole.length; place += name.endsWith('mark') ? 7 : 1) {
      const changed = Buffer.from(whole);
      changed[place] = (changed[place] as number) ^ 0x41;
      writeFileSync(path, changed);
      const { fault } = await verifyAccess(folder);
      assert.notEqual(fault, null, `${name} at ${place}`);
    }
    writeFileSync(path, whole);
  }
  assert.equal((await verifyAccess(folder)).fault, null);
});

test('a folder without a log is proven without making a key', async (t) => {
  const folder = makeAccessPlace(t);
  const { end, fault, files } = await verifyAccess(folder);
  assert.deepEqual([end, fault, files], ['none', null, 0]);
  assert.deepEqual(readdirSync(folder), []);
});

test('a log that was cut is told from one that a crash left', async (t) => {
  const living = makeAccessPlace(t);
  const log = openTestLog(living);
  const sizes: number[] = [];
  for (let number = 0; number < 3; number += 1) {
    log.queues[0]?.note(looker(), subject(number), act());
    await log.written();
    sizes.push(readFileSync(join(living, 'access', '0000000001.log')).length);
  }
  // What a crash now would leave.
  const folder = makeAccessPlace(t);
  cpSync(living, folder, { recursive: true });
  await log.appender.close();
  const path = join(folder, 'access', '0000000001.log');
  assert.deepEqual((await verifyAccess(folder)).end, 'open');
  const whole = readFileSync(path);
  // A crash leaves a part of a block behind the mark.
  writeFileSync(path, Buffer.concat([whole, whole.subarray(sizes[1], (sizes[2] ?? 0) - 30)]));
  const torn = await verifyAccess(folder);
  assert.deepEqual([torn.fault, torn.end, torn.entries], [null, 'torn', 3]);
  const next = openTestLog(folder);
  next.queues[0]?.note(looker(), subject(4), act());
  await next.written();
  await next.appender.close();
  const resumed = await verifyAccess(folder);
  assert.deepEqual([resumed.fault, resumed.end, resumed.entries], [null, 'closed', 4]);
  assert.equal(resumed.crashesMs.length, 1);
  // Somebody cuts the last file before the mark.
  const second = join(folder, 'access', '0000000002.log');
  const all = readFileSync(second);
  for (const length of [all.length - 1, 400, 10, 0]) {
    truncateSync(second, length);
    assert.notEqual((await verifyAccess(folder)).fault, null, String(length));
    writeFileSync(second, all);
  }
  rmSync(second);
  assert.equal((await verifyAccess(folder)).fault?.code, 'end_missing');
  writeFileSync(second, all);
  rmSync(path);
  assert.equal((await verifyAccess(folder)).fault?.code, 'blocks_missing');
});

test('a server that finds the log cut goes on, and the broken place stays known', async (t) => {
  const folder = makeAccessPlace(t);
  const log = openTestLog(folder);
  for (let number = 0; number < 3; number += 1) {
    log.queues[0]?.note(looker(), subject(number), act());
    await log.written();
  }
  await log.appender.close();
  const path = join(folder, 'access', '0000000001.log');
  truncateSync(path, readFileSync(path).length - 600);
  const next = openTestLog(folder);
  next.queues[0]?.note(looker(), subject(9), act());
  await next.written();
  assert.deepEqual(next.alarms, ['broken']);
  await next.appender.close();
  const { fault } = await verifyAccess(folder);
  assert.equal(fault?.file, '0000000001.log');
  assert.equal((await listAll(folder, { subjects: await about(folder, 9) })).length, 1);
});

test('an erasure removes the digests of a person, and the rest stays proven', async (t) => {
  const folder = makeAccessPlace(t);
  const log = openTestLog(folder);
  for (let number = 0; number < 50; number += 1) {
    log.queues[0]?.note(looker(), subject(number % 5), act({ atMs: startMs + number }));
    if (number % 10 === 0) await log.written();
  }
  await log.written();
  await requestAccessErasure(folder, 'request-1', [subject(2), subject(3)]);
  await log.written();
  await log.written();
  assert.deepEqual(await listAll(folder, { subjects: await about(folder, 2, 3) }), []);
  const entries = await listAll(folder);
  assert.equal(entries.length, 50);
  assert.equal(entries.filter((entry) => entry.subject === null).length, 20);
  const verdict = await verifyAccess(folder);
  assert.deepEqual([verdict.fault, verdict.redacted], [null, 20]);
  const keys = await readAccessKeys(folder);
  const bytes = readFileSync(join(folder, 'access', '0000000001.log'));
  assert.equal(bytes.includes(keys.digestOf(subject(2))), false);
  assert.equal(bytes.includes(keys.digestOf(subject(1))), true);
  assert.deepEqual(readdirSync(join(folder, 'access', 'erasures')), []);
  await log.appender.close();
});

test('files leave as a whole when the log is too large, and a checkpoint proves the rest', async (t) => {
  const folder = makeAccessPlace(t);
  const retention = { maxBytes: 2.5 * maxFileBytes, maxAgeMs: null };
  const log = openTestLog(folder, { retention });
  let noted = 0;
  while (!existsSync(join(folder, 'access', '0000000005.log'))) {
    for (let number = 0; number < 60_000; number += 1) {
      log.queues[0]?.note(looker(), subject(number), act());
    }
    noted += 60_000;
    await log.written();
  }
  await log.appender.close();
  const verdict = await verifyAccess(folder);
  assert.equal(verdict.fault, null);
  const { text } = JSON.parse(readFileSync(join(folder, 'access', 'checkpoint.json'), 'utf8'));
  assert.equal(verdict.entries + JSON.parse(text).removedEntries, noted);
  assert.ok(JSON.parse(text).firstFile > 1);
  // A file that somebody removes is missed.
  rmSync(join(folder, 'access', `000000000${JSON.parse(text).firstFile}.log`));
  assert.equal((await verifyAccess(folder)).fault?.code, 'blocks_missing');
});

test('a kill between the note of an erasure and the removal leaves a log that is whole', async (t) => {
  const folder = makeAccessPlace(t);
  const log = openTestLog(folder);
  for (let number = 0; number < 20; number += 1) {
    log.queues[0]?.note(looker(), subject(number % 4), act());
    if (number % 5 === 0) await log.written();
  }
  await log.written();
  await requestAccessErasure(folder, 'request-1', [subject(2)]);
  const before = readFileSync(join(folder, 'access', '0000000001.log'));
  const [spooled = ''] = readdirSync(join(folder, 'access', 'erasures'));
  const request = readFileSync(join(folder, 'access', 'erasures', spooled));
  await log.written();
  await log.written();
  await log.appender.close();
  // The note was written, some digests were removed, and the request was not.
  const path = join(folder, 'access', '0000000001.log');
  const after = readFileSync(path);
  const half = Buffer.concat([
    after.subarray(0, before.length / 2),
    before.subarray(before.length / 2),
  ]);
  writeFileSync(path, Buffer.concat([half, after.subarray(before.length)]));
  assert.notEqual((await verifyAccess(folder)).fault, null);
  writeFileSync(join(folder, 'access', 'erasures', spooled), request);
  assert.equal((await verifyAccess(folder)).fault, null);
  const next = openTestLog(folder);
  for (let cycle = 0; cycle < 3; cycle += 1) await next.written();
  await next.appender.close();
  assert.deepEqual(await listAll(folder, { subjects: await about(folder, 2) }), []);
  assert.equal((await verifyAccess(folder)).fault, null);
});

test('a log can be proven and read while it is written', async (t) => {
  const folder = makeAccessPlace(t);
  const log = openTestLog(folder, { retention: { maxBytes: 3 * maxFileBytes, maxAgeMs: null } });
  await log.written();
  let isOver = false;
  let noted = 0;
  const writing = (async () => {
    while (!isOver) {
      for (let number = 0; number < 30_000; number += 1) {
        log.queues[0]?.note(looker(), subject(number), act());
      }
      noted += 30_000;
      await log.written();
    }
  })();
  try {
    for (let time = 0; time < 12 || noted < 1_000_000; time += 1) {
      assert.equal((await verifyAccess(folder)).fault, null);
      const alreadyNoted = noted;
      const filter = { ...everything, subjects: await about(folder, 7) };
      const page = await listAccess(folder, filter, { limit: 5, before: null });
      if (alreadyNoted > 200_000) assert.equal(page.entries.length, 5);
    }
  } finally {
    isOver = true;
    await writing;
    await log.appender.close();
  }
});

test('another key of the data folder is told from tampering, and the log goes on', async (t) => {
  const folder = makeAccessPlace(t);
  const log = openTestLog(folder);
  log.queues[0]?.note(looker(), subject(1), act());
  await log.written();
  await log.appender.close();
  rmSync(join(folder, 'secret.key'));
  assert.equal((await verifyAccess(folder)).fault?.code, 'other_key');
  const next = openTestLog(folder);
  next.queues[0]?.note(looker(), subject(2), act());
  await next.written();
  await next.appender.close();
  assert.equal((await listAll(folder)).length, 2);
  assert.equal((await verifyAccess(folder)).fault?.code, 'other_key');
});

test('the catalog notes the end of the log at the start, each minute, and at the stop', async (t) => {
  const folder = makeAccessPlace(t);
  const catalog = await openCatalog({ kind: 'sqlite', dataFolder: folder }, startMs);
  let nowMs = startMs;
  const log = openTestLog(folder, { ends: catalog, clock: () => nowMs });
  const hasNoted = async (block: number) => {
    for (let time = 0; time < 20; time += 1) await log.written();
    return (await catalog.findAccessEnd())?.block === block;
  };
  assert.ok(await hasNoted(1));
  log.queues[0]?.note(looker(), subject(1), act());
  nowMs += 60_000;
  assert.ok(await hasNoted(2));
  await log.appender.close();
  const noted = await catalog.findAccessEnd();
  assert.deepEqual((await verifyAccess(folder, noted)).head, { block: 3, hash: noted?.hash });
  const other = { block: 2, file: 1, hash: 'another' };
  assert.equal((await verifyAccess(folder, other)).fault?.code, 'not_noted');
  await catalog.close();
});
