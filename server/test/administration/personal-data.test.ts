/**
 * The registry of places with data of contacts is complete, and an erasure reaches all of them: one
 * person gets a value of their own in each place, is erased, and after a compaction no byte of
 * these values is left in the data folder.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { hash, randomUUID } from 'node:crypto';
import { globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, matchesGlob } from 'node:path';
import { type TestContext, test } from 'node:test';
import SqliteDatabase from 'better-sqlite3';
import { dataFiles, uploadFolder } from '../../src/domain/data-files.ts';
import {
  filePlaces,
  outerPlaces,
  type PersonalDataPlace,
  storePlaces,
} from '../../src/domain/personal-data.ts';
import { openForWriting } from '../../src/stores/embedded/environment.ts';
import { openAllDatabases } from '../../src/stores/embedded/keyed-database.ts';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder, mustRunUsher, startUsher } from '../launch/run-usher.ts';

const places: readonly PersonalDataPlace[] = [...storePlaces, ...filePlaces, ...outerPlaces];

/** Values of the person that is erased, by where they were written. */
const needles = {
  number: 'C-4711-needle',
  email: 'needle.ruth@x.org',
  pushedEmail: 'needle.pushed@x.org',
  phone: '+4915155500017',
  mergedEmail: 'needle.merged@x.org',
  name: 'Needle Newname',
  nameBefore: 'Needle Oldname',
  city: 'Needletown',
  pushedPlan: 'needle-plan',
  segment: 'needle-segment',
  step: 'needle-step',
  mergedNote: 'needle-merged-note',
  amendedCity: 'Needle-on-Amended',
  waitingName: 'Needle Waiting',
  killedWork: 'needle-killed-work',
  killedPart: 'needle-killed-part',
  uploaded: 'needle-uploaded',
} as const;

const identities = [
  ...[needles.number, needles.email, needles.pushedEmail, needles.phone, needles.mergedEmail],
] as const;

const definitions = `version: 1
organization: { trust: [crm, web] }
identity_types: { customer_no: { normalisation: exact, stable: true }, mobile: phone }
datasets:
  crm:
    mode: snapshot
    source: { kind: file, paths: [crm.csv] }
    identifiers: { customer_no: no, email: mail }
    fields: { name: { type: string }, city: { type: string } }
  till:
    source: { kind: file, paths: [till.csv] }
    identifiers: { email: mail }
    fields: { spent: { type: integer }, note: { type: string } }
  flows:
    kind: membership
    feed: flow
    source: { kind: file, paths: [flows.csv] }
    identifiers: { email: mail }
    columns: { flow_id: flow_id, segment_name: segment_name }
  journeys:
    kind: membership
    feed: journey
    source: { kind: file, paths: [journeys.csv] }
    identifiers: { email: mail }
    columns: { journey_id: id, step: step }
  pairs:
    kind: identity
    source: { kind: file, paths: [pairs.csv] }
    identifiers: { customer_no: no, mobile: phone }
  partners:
    source: { kind: file, paths: [partners.csv] }
    identifiers: { customer_no: no, email: mail }
    fields: { partner: { type: string } }
  web:
    source: { kind: push }
    identifiers: { customer_no: no, email: mail }
    fields: { plan: { type: string } }
`;

interface Trial {
  readonly data: string;
  readonly write: (name: string, lines: readonly string[]) => void;
  readonly run: (...args: readonly string[]) => Promise<string>;
}

function makeTrial(t: TestContext): Trial {
  const data = makeDataFolder(t);
  return {
    data,
    write: (name, lines) =>
      writeFileSync(join(dirname(data), name), lines.map((line) => `${line}\n`).join('')),
    run: (...args) => mustRunCommand(data, args),
  };
}

/** Others have rows too, so that pages of the store are shared. */
function others(row: (n: number) => string): readonly string[] {
  return Array.from({ length: 40 }, (_, n) => row(n));
}

/** @returns the run that waits for approval */
async function fillEveryPlace(t: TestContext, { data, write, run }: Trial): Promise<string> {
  const crm = (name: string) => [
    'no,mail,name,city',
    `${needles.number},${needles.email},${name},${needles.city}`,
    ...others((n) => `C-${n},p${n}@x.org,${name === needles.waitingName ? 'x' : 'y'} ${n},Rome`),
  ];
  write('usher.yaml', [definitions]);
  write('crm.csv', crm(needles.nameBefore));
  write('till.csv', [
    'mail,spent,note',
    `${needles.mergedEmail},7,${needles.mergedNote}`,
    `${needles.email},many,bad`,
    ...others((n) => `p${n}@x.org,${n},fine`),
  ]);
  write('flows.csv', ['mail,flow_id,segment_name', `${needles.email},4,${needles.segment}`]);
  write('journeys.csv', ['mail,id,step', `${needles.email},5,${needles.step}`]);
  write('pairs.csv', ['no,phone', `${needles.number},${needles.phone}`]);
  write('partners.csv', [
    'no,mail,partner',
    `C-1,${needles.email},wants the address`,
    ...others((n) => `C-${n + 2},,partner ${n}`),
  ]);
  await run('apply', '-f', join(dirname(data), 'usher.yaml'), '--yes');
  for (const dataset of ['crm', 'till', 'flows', 'journeys', 'pairs', 'partners']) {
    await runCommand(data, ['sync', 'run', dataset, '--yes']);
  }
  write(
    'crm.csv',
    crm(needles.name).map((line) => line.replace(/^(C-\d+,.*) y /, '$1 y ')),
  );
  await run('sync', 'run', 'crm');
  await push(t, data);
  await run('contact', 'merge', `email:${needles.email}`, `email:${needles.mergedEmail}`, '--yes');
  const amended = [`city=${needles.amendedCity}`];
  await run('privacy', 'amend', `email:${needles.email}`, ...amended, '--yes');
  await run('privacy', 'export', `email:${needles.email}`, '--out', `${data}-export.json`);
  write('crm.csv', crm(needles.waitingName));
  const waiting = await runCommand(data, ['sync', 'run', 'crm']);
  const waitingRun = /sync approve ([0-9a-f-]+)/.exec(waiting.stdout + waiting.stderr)?.[1];
  assert.ok(waitingRun);
  // What a killed run leaves.
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const work = join(data, dataFiles.work, `work-${pid}-${randomUUID()}`);
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, 'staged.parquet'), needles.killedWork);
  const [report = ''] = globSync(join(data, dataFiles.runs, '*', dataFiles.rejections));
  writeFileSync(`${report}.${pid}-${randomUUID()}.part`, needles.killedPart);
  const upload = join(data, uploadFolder(1, '0123456789abcdef01234567'), 'data.csv');
  mkdirSync(dirname(upload), { recursive: true });
  writeFileSync(upload, `mail,note\n${needles.email},${needles.uploaded}\n`);
  return waitingRun;
}

async function push(t: TestContext, data: string): Promise<void> {
  const scopes = ['--scope', 'contacts:write', '--dataset', 'web'];
  const create = ['token', 'create', '--email', 'a@example.com', '-q', ...scopes];
  const token = await mustRunUsher(data, create);
  const server = await startUsher(data, { USHER_WORKERS: '1' });
  t.after(() => server.stop());
  const rows = [{ no: needles.number, mail: needles.pushedEmail, plan: needles.pushedPlan }];
  const answer = await fetch(`${server.url}/ingest/v1/contacts`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      'idempotency-key': `push-of-${needles.email}`,
    },
    body: JSON.stringify({ dataset: 'web', rows }),
  });
  assert.equal(answer.status, 200, await answer.text());
  await server.stop();
}

function filesOf(data: string): string[] {
  const names = readdirSync(data, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => !statSync(join(data, name)).isDirectory()).sort();
}

/** Where bytes of the person are, as `needle: file`. Identities are looked for as SHA-256, too. */
function findBytes(data: string, contactId: string): string[] {
  const wanted: (readonly [name: string, bytes: Buffer])[] = [
    ['contact id', Buffer.from(contactId)],
    ['contact id in bytes', Buffer.from(contactId.replaceAll('-', ''), 'hex')],
    ...Object.entries(needles).map(([name, text]) => [name, Buffer.from(text)] as const),
    ...identities.flatMap((text) => {
      const digest = hash('sha256', text, 'buffer');
      return [
        [`SHA-256 of ${text}`, Buffer.from(digest.toString('hex').slice(0, 32))],
        [`SHA-256 of ${text} in bytes`, digest.subarray(0, 16)],
        [`SHA-256 of ${text} in base64url`, Buffer.from(digest.toString('base64url').slice(0, 20))],
      ] as const;
    }),
  ];
  const found: string[] = [];
  for (const file of filesOf(data)) {
    if (!statSync(join(data, file)).isFile()) continue;
    const bytes = readFileSync(join(data, file));
    for (const [name, needle] of wanted) if (bytes.includes(needle)) found.push(`${name}: ${file}`);
  }
  return found;
}

test('an erased person leaves no byte in the data folder after a compaction', {
  timeout: 120_000,
}, async (t) => {
  const trial = makeTrial(t);
  const { data, run } = trial;
  const waitingRun = await fillEveryPlace(t, trial);
  const exported = JSON.parse(readFileSync(`${data}-export.json`, 'utf8'));
  const contactId = String(exported.contact_id);
  const [journey] = exported.memberships.journey_membership;
  assert.deepEqual([journey.journey_id, journey.step], [5, needles.step]);
  const before = findBytes(data, contactId);
  const isThere = (name: string) => before.some((place) => place.startsWith(`${name}: `));
  // Of a run that waits, no row is kept.
  const missing = Object.keys(needles).filter((name) => !isThere(name));
  assert.deepEqual(missing, ['waitingName']);
  for (const identity of identities) assert.ok(isThere(`SHA-256 of ${identity} in bytes`));
  assert.ok(isThere('contact id in bytes'));
  checkListed(data);

  const receipt = `${data}-receipt.json`;
  await run('privacy', 'erase', `email:${needles.email}`, '--receipt', receipt, '--yes');
  for (const identity of [`email:${needles.mergedEmail}`, `customer_no:${needles.number}`]) {
    assert.equal((await runCommand(data, ['get', identity])).code, 3, identity);
  }
  await run('compact');
  assert.deepEqual(findBytes(data, contactId), []);
  assert.deepEqual(
    findBytes(dirname(receipt), contactId).filter((it) => it.includes('receipt')),
    [],
  );
  checkListed(data);
  await run('privacy', 'verify', receipt);

  // Neither an approval from before nor a rollback brings the person back.
  const approved = await runCommand(data, ['sync', 'approve', waitingRun, '--yes']);
  assert.match(approved.stdout + approved.stderr, /contact_suppressed/);
  assert.deepEqual(findBytes(data, contactId), []);
  await run('sync', 'rollback', 'crm', '--yes');
  assert.deepEqual(findBytes(data, contactId), []);
  // The next runs read the person's rows again, and keep nothing of them.
  for (const dataset of ['crm', 'till', 'flows', 'journeys', 'pairs', 'partners']) {
    await runCommand(data, ['sync', 'run', dataset, '--full', '--yes']);
  }
  assert.deepEqual(findBytes(data, contactId), []);
});

test('a compaction empties the free pages and the log of the catalog', async (t) => {
  const { data, run, write } = makeTrial(t);
  write('people.csv', ['email,name', 'a@x.org,Ann']);
  await run('import', join(dirname(data), 'people.csv'), '--yes');
  const catalog = new SqliteDatabase(join(data, dataFiles.catalog));
  catalog.exec('create table gone (text text)');
  const insert = catalog.prepare('insert into gone values (?)');
  for (let n = 0; n < 2_000; n += 1) insert.run(`needle-row-${n}`);
  catalog.exec('drop table gone');
  const whereIs = () =>
    globSync(join(data, `${dataFiles.catalog}*`)).filter((path) =>
      readFileSync(path).includes('needle-row-'),
    );
  assert.ok(whereIs().length > 0);
  catalog.close();
  await run('compact');
  assert.deepEqual(whereIs(), []);
});

/** Every file of the data folder, database of the store and table of the catalog is listed. */
function checkListed(data: string): void {
  const globs = places.flatMap(({ paths }) => paths);
  const unlisted = filesOf(data).filter((file) => !globs.some((glob) => matchesGlob(file, glob)));
  // Parts that killed writers left belong to the file that they would have become.
  assert.deepEqual(
    unlisted.filter((file) => !file.endsWith('.part')),
    [],
  );
}

test('every database of the store and every table of the catalog is listed', async (t) => {
  const { data, run } = makeTrial(t);
  await run('token', 'create', '--email', 'a@example.com');
  const environment = openForWriting(data);
  const databases = [...openAllDatabases(environment.root).keys()].sort();
  await environment.close();
  assert.deepEqual(storePlaces.flatMap((it) => it.databases ?? []).sort(), databases);
  const catalog = new SqliteDatabase(join(data, dataFiles.catalog), { readonly: true });
  const tables = catalog.prepare("select name from sqlite_master where type = 'table'").pluck();
  assert.deepEqual(filePlaces.flatMap((it) => it.tables ?? []).sort(), tables.all().sort());
  catalog.close();
  checkListed(data);
});

test('every name of a file or folder in the data folder is listed', () => {
  const paths = places.flatMap((place) => place.paths);
  const unlisted = Object.values(dataFiles).filter(
    (name) => !paths.some((path) => path.split('/').includes(name)),
  );
  assert.deepEqual(unlisted, []);
});
