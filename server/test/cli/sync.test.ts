/** What `usher sync` reports about runs, with a real file and a real store. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

const definition = `version: 1
datasets:
  people:
    source: { kind: file, paths: [people.csv] }
    identifiers: { email: email }
    fields:
      city: { type: string }
`;

const people = 1_200;

/** A data folder with a dataset, and the file that it reads. */
function inPlace(context: TestContext) {
  const data = makeDataFolder(context);
  const folder = join(data, '..');
  writeFileSync(join(folder, 'usher.yaml'), definition);
  const write = (cityOf: (at: number) => string) => {
    const rows = Array.from({ length: people }, (_, at) => `p${at}@example.org,${cityOf(at)}`);
    writeFileSync(join(folder, 'people.csv'), `email,city\n${rows.join('\n')}\n`);
  };
  const run = (...args: string[]) => runCommand(data, args);
  const newest = async () => {
    const { stdout } = await run('sync', 'list', 'people', '--limit', '1', '--json');
    return (JSON.parse(stdout) as { run_id: string }[])[0]?.run_id ?? '';
  };
  return {
    ...{ folder, write, run, newest },
    apply: () => run('apply', '-f', join(folder, 'usher.yaml')),
  };
}

test('a waiting run shows what it would do, and a decided one shows why it does not', async (context) => {
  const place = inPlace(context);
  const { write, run, newest } = place;
  await place.apply();
  write(() => 'Boston');
  await run('sync', 'run', 'people');
  write((at) => (at === 0 ? 'Cambridge' : 'Boston'));
  await run('sync', 'run', 'people');
  const done = await run('sync', 'show', await newest());
  assert.match(done.stdout, /1,200 rows read: 0 added, 1 changed, 1,199 unchanged, 0 cleared, 0 /);
  assert.match(
    done.stdout,
    /Of the 1,200 contacts that it filled, it was to change 1, remove a value from 0/,
  );
  assert.doesNotMatch(done.stdout, /would|approv/);
  write(() => '');
  const stopped = await run('sync', 'run', 'people');
  assert.equal(stopped.code, 1);
  const waiting = await newest();
  const decide = new RegExp(`usher sync approve ${waiting}\n.*usher sync reject ${waiting}`);
  for (const { stdout } of [stopped, await run('sync', 'show', waiting)]) {
    assert.match(
      stdout,
      /100 % of the 1,200 contacts .*: 0 with a new value, 1,200 that lose a value, 0 gone/,
    );
    assert.match(stdout, /The field city would go from 1,200 values to 0\./);
    assert.match(stdout, decide);
  }
  await run('sync', 'run', 'people');
  const { stdout } = await run('sync', 'show', waiting);
  assert.match(stdout, /interrupted\n/);
  assert.match(stdout, /Nobody decided on it before a later run took its place\./);
  assert.match(stdout, /It needed approval:/);
  assert.doesNotMatch(stdout, /usher sync approve/);
});

test('the doctor reports runs that failed or wait, and schedules that are paused', async (context) => {
  const place = inPlace(context);
  const { write, run, newest } = place;
  const examine = async () => {
    const { code, stdout } = await run('doctor');
    assert.equal(code, 0, stdout);
    return stdout;
  };
  const scheduled = `${definition}    schedule: { cron: "0 4 * * *", time_zone: UTC }\n`;
  writeFileSync(join(place.folder, 'usher.yaml'), scheduled);
  await place.apply();
  const began = await examine();
  assert.match(began, /ok +catalog: 1 organization, 0 live tokens\n/);
  assert.match(began, /ok +sync: 1 dataset: none failed, waits for approval or is paused\n/);
  await run('sync', 'run', 'people');
  const failed = (await newest()).slice(0, 8);
  const tellsFailed = new RegExp(
    `warning +sync: the last run of people failed\\. To see why: usher sync show ${failed}\n`,
  );
  assert.match(await examine(), tellsFailed);
  write(() => 'Boston');
  await run('sync', 'run', 'people');
  write(() => '');
  await run('sync', 'run', 'people');
  const waits = (await newest()).slice(0, 8);
  await run('sync', 'pause', 'people');
  const told = await examine();
  assert.match(
    told,
    new RegExp(`a run of people waits for approval. To see its plan: usher sync show ${waits}\n`),
  );
  assert.match(told, /the schedule of people is paused. To resume it: usher sync resume people\n/);
  assert.doesNotMatch(told, /failed:/);
});

test('a count of one is followed by the singular', async (context) => {
  const place = inPlace(context);
  await place.apply();
  writeFileSync(join(place.folder, 'people.csv'), 'email,city\na@example.org,Ulm\n');
  const { stdout } = await place.run('sync', 'run', 'people');
  assert.match(stdout, /^people: 1 row read: 1 added/);
  const shown = await place.run('sync', 'show', await place.newest());
  assert.match(shown.stdout, /\n1 row read: 1 added/);
});

test('the list of runs fits a terminal of 80 columns, whatever the names and numbers', async (context) => {
  const place = inPlace(context);
  const name = `people_of_${'many_'.repeat(8)}shops`;
  writeFileSync(join(place.folder, 'usher.yaml'), definition.replace('people:', `${name}:`));
  await place.apply();
  place.write(() => 'Boston');
  await place.run('sync', 'run', name);
  await place.run('sync', 'rollback', name);
  place.write(() => '');
  await place.run('sync', 'run', name);
  const { stdout } = await place.run('sync', 'list');
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 4, stdout);
  for (const line of lines) assert.ok(line.length <= 80, line);
  assert.match(stdout, /RUN +DATASET +STATE +STARTED +ROWS +CHANGED +REJECTED/);
  assert.match(stdout, /people_of_many_… +rolled back +\d\d-\d\d \d\d:\d\d +1\.2K +1\.2K +0/);
});

test('pausing a dataset without a schedule is refused', async (context) => {
  const place = inPlace(context);
  await place.apply();
  for (const command of ['pause', 'resume']) {
    const { code, stdout } = await place.run('sync', command, 'people');
    assert.equal(code, 0);
    assert.match(stdout, /The dataset people has no schedule/);
  }
  const { stdout } = await place.run('doctor');
  assert.doesNotMatch(stdout, /schedule of people is paused/);
});

test('a rollback that is refused is not listed as a run', async (context) => {
  const place = inPlace(context);
  await place.apply();
  const { code, stderr } = await place.run('sync', 'rollback', 'people');
  assert.equal(code, 3);
  assert.match(stderr, /No run of people can be rolled back/);
  const { stdout } = await place.run('sync', 'list', '--json');
  assert.deepEqual(JSON.parse(stdout), []);
});

test('a run that would join many contacts shows the largest groups, and later what it did', async (context) => {
  const place = inPlace(context);
  const { folder, run } = place;
  const datasets = `version: 1
identity_types: { no: { normalisation: exact } }
datasets:
  news: { source: { kind: file, paths: [news.csv] }, identifiers: { email: mail } }
  till: { source: { kind: file, paths: [till.csv] }, identifiers: { no: no } }
  people: { source: { kind: file, paths: [people.csv] }, identifiers: { no: no, email: mail } }
`;
  writeFileSync(join(folder, 'usher.yaml'), datasets);
  await place.apply();
  const all = Array.from({ length: 12 }, (_, at) => at + 1);
  const write = (file: string, head: string, rowOf: (at: number) => string) =>
    writeFileSync(join(folder, file), `${head}\n${all.map(rowOf).join('\n')}\n`);
  write('news.csv', 'mail', (at) => `p${at}@example.org`);
  write('till.csv', 'no', (at) => `${at}`);
  // The rows 1 and 2 share an address.
  write('people.csv', 'no,mail', (at) => `${at},p${Math.max(2, at)}@example.org`);
  await run('sync', 'run', 'news');
  await run('sync', 'run', 'till');
  const groups =
    / {4}3 contacts by email, no \(2 rows\)\n {4}10 groups of 2 contacts each by email, no \(1 row each\)\n/;
  const trial = await run('sync', 'run', 'people', '--dry-run');
  assert.match(trial.stdout, /It would bring 23 existing contacts together, by email, no\.\n/);
  assert.match(trial.stdout, groups);
  const stopped = await run('sync', 'run', 'people');
  assert.equal(stopped.code, 1);
  assert.match(stopped.stdout, /waits for approval:\n {2}23 contacts would be joined with others /);
  assert.match(stopped.stdout, groups);
  const done = await run('sync', 'approve', await place.newest());
  assert.equal(done.code, 0);
  const did =
    /10 contacts became part of another one\n2 claims without effect: identity_shared 2\n/;
  for (const { stdout } of [done, await run('sync', 'show', await place.newest())]) {
    assert.match(stdout, did);
    assert.match(stdout, /All claims without effect: .*refused-claims\.csv/);
  }
  const { stdout } = await run('sync', 'show', await place.newest(), '--json');
  const { joined, refused_claims, plan } = JSON.parse(stdout);
  assert.deepEqual([joined, refused_claims], [10, { identity_shared: 2 }]);
  assert.deepEqual(plan.joins.largest_groups[0], {
    ...{ contacts: 3, rows: 2 },
    identity_types: ['email', 'no'],
  });
});
