/** What becomes of segments, flows and computed fields while everything around them changes. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { callApi } from '../http/call-api.ts';
import { mustRunCommand, runCommand } from './run-command.ts';
import { makeDataFolder, startUsher } from './run-usher.ts';

const catalog = `version: 1
built_in_content: { segment_membership: true, flow_variant_membership: true }
datasets:
  crm:
    source: { kind: file, paths: [crm.csv] }
    identifiers: { email: Mail }
    mode: snapshot
    max_change_share: 1
    fields: { visits: { type: integer }, city: { type: string } }
computed_fields:
  loud: { rule: city.upperAscii() }
segments:
  Buyers: { id: 7, rule: visits > 1 && loud == "BERN" }
flows:
  Spring:
    id: 142309
    segment: Buyers
    status: live
    unit: email
    holdout: 10
    variants: [{ name: A, weight: 50 }, { name: B, weight: 50 }]
exclusion_groups:
  Mails: { unit: email, flows: [{ flow: Spring, share: 80 }] }
global_holdout: { percent: 3, unit: email }
`;
const people = Array.from({ length: 60 }, (_, place) => `${place}@hello.com`);
const asked = ['segment_membership', 'flow_variant_membership', 'loud'];
const fields = asked.join(',');

/** @param visits of each person */
async function makeFolder(t: TestContext, visits: number) {
  const data = makeDataFolder(t);
  const beside = (name: string) => join(data, '..', name);
  const run = (...args: string[]) => mustRunCommand(data, args);
  const write = (count: number) => {
    const rows = people.map((mail) => `${mail},${count},Bern\n`).join('');
    writeFileSync(beside('crm.csv'), `Mail,visits,city\n${rows}`);
  };
  const apply = (text: string, ...args: string[]) => {
    writeFileSync(beside('usher.yaml'), text);
    return run('apply', '-f', beside('usher.yaml'), ...args);
  };
  write(visits);
  await apply(catalog);
  await run('sync', 'run', 'crm');
  return { data, beside, run, write, apply };
}

/** The answer for each person. */
async function membershipsIn(data: string): Promise<readonly string[]> {
  const answers: string[] = [];
  for (const mail of people.slice(0, 20)) {
    const args = ['get', `email:${mail}`, '--fields', fields, '--json'];
    answers.push(await mustRunCommand(data, args));
  }
  return answers;
}

test('definitions and memberships survive a backup and an export to another folder', async (t) => {
  const { data, beside, run, apply } = await makeFolder(t, 5);
  const weights = catalog
    .replace('A, weight: 50', 'A, weight: 60')
    .replace('B, weight: 50', 'B, weight: 40');
  await apply(weights);
  const exported = await run('export');
  const memberships = await membershipsIn(data);
  const variants = new Set(memberships.flatMap((it) => /142309-./.exec(it)?.[0] ?? 'none'));
  assert.deepEqual([...variants].sort(), ['142309-A', '142309-B', 'none']);
  await run('backup', beside('backup'));
  const restored = beside('restored');
  await mustRunCommand(restored, ['restore', beside('backup'), '--no-suppression']);
  assert.equal(await mustRunCommand(restored, ['export']), exported);
  assert.deepEqual(await membershipsIn(restored), memberships);
  const historyOf = (folder: string) =>
    mustRunCommand(folder, ['flow', 'history', '142309', '--json']);
  assert.equal(await historyOf(restored), await historyOf(data));
  const elsewhere = beside('elsewhere');
  writeFileSync(beside('exported.yaml'), exported);
  await mustRunCommand(elsewhere, ['apply', '-f', beside('exported.yaml')]);
  assert.equal(await mustRunCommand(elsewhere, ['export']), exported);
  await mustRunCommand(elsewhere, ['sync', 'run', 'crm']);
  assert.deepEqual(await membershipsIn(elsewhere), memberships, 'the same slots elsewhere');
});

test('a rollback of a run changes memberships back, and no definition', async (t) => {
  const { data, run, write } = await makeFolder(t, 5);
  const [before, exported] = [await membershipsIn(data), await run('export')];
  write(0);
  await run('sync', 'run', 'crm', '--yes');
  for (const answer of await membershipsIn(data)) {
    const { contact } = JSON.parse(answer);
    assert.deepEqual([contact.segment_membership, contact.flow_variant_membership], [[], []]);
  }
  await run('sync', 'rollback', 'crm', '--yes');
  assert.deepEqual(await membershipsIn(data), before);
  assert.equal(await run('export'), exported);
});

test('a dataset goes after the definitions that use it, and the others stay', async (t) => {
  const { data, run, apply } = await makeFolder(t, 5);
  const used = await runCommand(data, ['dataset', 'remove', 'crm', '--yes']);
  assert.equal(used.code, 1);
  assert.match(
    used.stderr,
    /computed field loud[\s\S]*segment Buyers|segment Buyers[\s\S]*computed field loud/,
  );
  const bare = catalog
    .replace(/^datasets:[\s\S]*?(?=^computed_fields)/m, '')
    .replace(/^computed_fields:\n.*\n/m, '')
    .replace('visits > 1 && loud == "BERN"', 'now > date("2020-01-01")');
  await apply(bare);
  await run('computed-field', 'remove', 'loud', '--yes');
  await run('dataset', 'remove', 'crm', '--yes');
  const exported = await run('export');
  assert.match(exported, /Spring:\n\s+id: 142309/);
  assert.doesNotMatch(exported, /crm|loud/);
});

test('an erased person is in no segment, no list and no history', async (t) => {
  const { data, beside, run } = await makeFolder(t, 5);
  const exported = await run('export');
  const count = async () =>
    JSON.parse(await run('segment', 'preview', 'Buyers', '--json')).exact.members as number;
  assert.equal(await count(), people.length);
  await run('privacy', 'erase', 'email:0@hello.com', '--yes');
  assert.equal(await count(), people.length - 1);
  for (const args of [['get'], ['explain']] as const) {
    const answer = await runCommand(data, [...args, 'email:0@hello.com']);
    assert.equal(answer.code, 3, answer.stdout);
  }
  const members = await run('segment', 'members', 'Buyers', '--limit', '100');
  assert.ok(!/\b0@hello\.com/.test(members) && members.includes('1@hello.com'), members);
  await run('sync', 'run', 'crm', '--yes');
  assert.equal(await count(), people.length - 1, 'the next run brings nobody back');
  assert.equal(await run('export'), exported);
  assert.match(readFileSync(beside('crm.csv'), 'utf8'), /^0@hello\.com/m);
});

test('a file renames a segment in use while a server answers, and no answer changes', async (t) => {
  const { data, run, apply } = await makeFolder(t, 5);
  await run('organization', 'set', 'default', '--rate-limit', '100000');
  const token = await run('token', 'create', '--email', 'test@example.com');
  const server = await startUsher(data, { USHER_WORKERS: '2' });
  t.after(() => server.stop());
  const identities = people.slice(0, 50).map((mail) => `email:${mail}`);
  const body = { identities, fields: asked, format: 'raw' };
  const path = '/audience/v2/contacts/batch';
  const ask = async () => {
    const { status, body: text } = await callApi(server, { method: 'POST', path, token, body });
    assert.equal(status, 200, text);
    return text;
  };
  const before = await ask();
  assert.match(before, /142309-A/);
  let isRenaming = true;
  let answers = 0;
  let round = 0;
  const renaming = (async () => {
    // On a busy machine the server answers few calls during a command.
    for (; round < 10 || answers < 20; round += 1) {
      const name = `Customers ${round}`;
      const text = catalog.replaceAll('Buyers', name);
      const shown = await apply(text);
      assert.match(shown, new RegExp(`\\+ .*${name}`));
    }
    isRenaming = false;
  })();
  try {
    while (isRenaming) {
      const all = await Promise.all([ask(), ask(), ask(), ask()]);
      for (const answer of all) assert.equal(answer, before);
      answers += all.length;
    }
  } finally {
    answers = Number.POSITIVE_INFINITY;
    await renaming;
  }
  assert.equal(await ask(), before);
  const exported = await run('export');
  assert.match(exported, new RegExp(`segment: Customers ${round - 1}\n`));
  assert.doesNotMatch(exported, /Buyers/);
  assert.match(
    await run('segment', 'history', '7'),
    new RegExp(`Customers ${round - 2}[\\s\\S]*Customers ${round - 1}`),
  );
});
