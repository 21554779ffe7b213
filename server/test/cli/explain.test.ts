/** `usher explain` on a real data folder. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Explanation } from '../../src/explain/explain-everything.ts';
import { mustRunCommand, runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

const file = `version: 1
identity_types:
  user_id: { normalisation: exact }
datasets:
  crm:
    source: { kind: file, paths: [crm.csv] }
    identifiers: { user_id: user, email: Mail }
    fields:
      city: { type: string }
      shop_city: { type: string, column: Shop }
      total_spend: { type: currency }
      note: { type: text, content: false, condition: false }
`;
const head = 'user,Mail,city,Shop,total_spend,note\n';
const tom = 'email:tom@hello.com';

async function inPlace(context: TestContext, rows = '1,tom@hello.com,,Bern,2000,\n') {
  const data = makeDataFolder(context);
  const place = (name: string) => join(data, '..', name);
  const run = (...args: string[]) => mustRunCommand(data, args);
  const fail = (...args: string[]) => runCommand(data, args);
  writeFileSync(place('usher.yaml'), file);
  writeFileSync(place('crm.csv'), head + rows);
  await run('apply', '-f', place('usher.yaml'));
  const synced = await runCommand(data, ['sync', 'run', 'crm']);
  const [, runId = ''] = /^run (\S+)/m.exec(synced.stdout + synced.stderr) ?? [];
  const explain = async (...args: string[]) =>
    JSON.parse(await run('explain', tom, '--json', ...args)) as Explanation;
  return { data, run, fail, explain, runId };
}

const buyers = ['segment', 'create', 'Big spenders', '--rule', 'total_spend > 1000'];

test('explain shows the clauses of segments with their inputs, and the steps of flows', async (context) => {
  const { run, fail, explain } = await inPlace(context);
  await run(...buyers);
  await run('computed-field', 'create', 'town', '--rule', 'coalesce(city, shop_city)');
  const rule = 'in_segment("Big spenders") && town == "Basel" && has(city)';
  await run('segment', 'create', 'Basel', '--rule', rule);
  const variants = ['--variant', 'A=50', '--variant', 'B=50', '--holdout', '10'];
  const flow = ['--segment', 'Big spenders', '--unit', 'email', '--status', 'live'];
  await run('flow', 'create', 'Spring', '--id', '142309', ...flow, ...variants);
  const explained = await explain();
  const [big, basel] = explained.segments;
  const as_of = big?.clauses[0]?.inputs[0]?.as_of ?? '';
  assert.match(as_of, /^20/);
  const memberships: [] = [];
  assert.deepEqual(big, {
    ...{ id: 1, name: 'Big spenders', rule: 'total_spend > 1000.0', is_member: true },
    clauses: [
      {
        ...{ rule: 'total_spend > 1000.0', is_true: true },
        inputs: [{ field: 'total_spend', value: 2000, from: 'value', as_of }],
        memberships,
      },
    ],
  });
  const town = { field: 'town', value: 'Bern', from: 'computed', as_of };
  const city = { field: 'city', value: null, from: 'implied', as_of };
  assert.deepEqual(basel, {
    ...{ id: 2, name: 'Basel', rule, is_member: false },
    clauses: [
      { rule: 'in_segment("Big spenders")', is_true: true, inputs: [], memberships },
      { rule: 'town == "Basel"', is_true: false, inputs: [town], memberships },
      { rule: 'has(city)', is_true: false, inputs: [city], memberships },
    ],
  });
  // The published vector of this e-mail and this salt.
  const [spring] = explained.flows;
  assert.deepEqual([spring?.slot, spring?.variant, spring?.left_out], [2971, 'A', null]);
  const text = await run('explain', tom);
  assert.match(text, /^SEGMENTS: in 1 of 2$/m);
  assert.match(text, /^ {2}not in segment 2 "Basel"\n {4}true {3}in_segment\("Big spenders"\)$/m);
  assert.match(text, /^ {4}false {2}has\(city\)\n {13}city has no value, as of 20/m);
  assert.match(
    text,
    /^ {2}in {5}flow 142309 "Spring", variant "A"\n {11}in segment "Big spenders"$/m,
  );
  const md5 = 'dd2ea6be8533573365914473928cead5:142309';
  const slots = '"A" 50 % (0-4999), "B" 50 % (5000-9999), held out 10 % (4500-4999, 9500-9999)';
  assert.ok(text.includes(`experiment: slot 2971 is in "A"; ${slots}; by email, ${md5}`), text);
  const missing = await fail('explain', 'email:nobody@hello.com');
  assert.equal(missing.code, 3);
  assert.match(missing.stderr, /No contact has this identity\. Check its type and spelling/);
});

test('each value names its dataset, its run and what it overrode', async (context) => {
  const { run, explain, runId } = await inPlace(context);
  await run('privacy', 'amend', tom, 'city=Basel', '--yes');
  const { fields } = await explain();
  const [city, shop, , note] = fields;
  assert.equal(city?.from, 'amended');
  assert.deepEqual(
    [shop?.value, shop?.dataset, shop?.source, shop?.column, shop?.run],
    ['Bern', 'crm', 'file', 'Shop', runId],
  );
  assert.deepEqual([note?.value, note?.from], [null, 'implied']);
  await run('privacy', 'amend', tom, 'shop_city=Genf', '--yes');
  const text = await run('explain', tom);
  const short = runId.slice(0, 8);
  assert.match(text, /^ {2}shop_city +"Genf" +a person set it /m);
  assert.match(text, /^ +instead of "Bern" in crm +20\d\d-/m);
  assert.match(text, new RegExp(`^ {2}total_spend +2000 +crm \\(file\\) .* ${short}$`, 'm'));
  assert.match(text, /^ {2}without a value: note$/m);
});

test('values and names cannot begin lines or move the cursor', async (context) => {
  const evil = '\u001b[2J<b>\u202e';
  const { run } = await inPlace(context, `1,tom@hello.com,"${evil}\nSEGMENTS: in 9 of 9",,5,\n`);
  const text = await run('explain', tom);
  assert.doesNotMatch(text, /^SEGMENTS/m);
  for (const sign of ['\u001b', '\u202e']) assert.ok(!text.includes(sign), JSON.stringify(text));
  assert.match(text, /<b>/);
});

test('with --token the answer of that token is shown, and why the rest is left out', async (context) => {
  const { run, fail, explain } = await inPlace(context);
  const made = ['--email', 'dana@example.com', '--name', 'checkout', '--field', 'total_spend'];
  await run('token', 'create', ...made, '--field', 'note', '--address', '192.0.2.0/24');
  const text = await run('explain', tom, '--token', 'dana@example.com');
  assert.match(
    text,
    /^TOKEN \w{12} \(checkout\) SEES\n {2}may be used only from 192\.0\.2\.0\/24$/m,
  );
  assert.match(text, /^ {2}total_spend = "\$2,000\.00"$/m);
  assert.match(text, /^ {2}not on the token's list of fields: city, shop_city, /m);
  assert.match(text, /^ {2}no look-up answers these fields: note$/m);
  const { token } = await explain('--token', 'dana@example.com');
  await run('token', 'revoke', 'dana@example.com');
  const gone = await fail('explain', tom, '--token', 'dana@example.com');
  assert.equal(gone.code, 3);
  assert.match(gone.stderr, /No token has this id, .* List the tokens: usher token list/);
  const revoked = await run('explain', tom, '--token', token?.id ?? '');
  assert.match(revoked, /^TOKEN .*\n {2}gets no answer: it was revoked$/m);
  assert.doesNotMatch(revoked, /\$2,000/);
});

test('an erased person has no explanation', async (context) => {
  const { run, fail } = await inPlace(context);
  await run('privacy', 'erase', tom, '--yes');
  for (const identity of [tom, 'user_id:1']) {
    const gone = await fail('explain', identity);
    assert.deepEqual([gone.code, gone.stdout], [3, '']);
  }
});

test('with many segments, one that the contact is not in takes one line', async (context) => {
  const { run } = await inPlace(context);
  for (let number = 1; number <= 21; number += 1) {
    const rule = `total_spend > ${number === 1 ? 1 : 5000} && true`;
    await run('segment', 'create', `S${number}`, '--rule', rule);
  }
  const text = await run('explain', tom);
  assert.match(text, /^ {2}in {5}segment 1 "S1"\n {4}true {3}total_spend > 1\.0$/m);
  assert.match(text, /^ {2}not in segment 2 "S2": total_spend > 5000\.0 is false\n {2}not in/m);
});

test('each step of a flow says what it decided, and branches which was chosen', async (context) => {
  const { data, run, fail } = await inPlace(
    context,
    '1,tom@hello.com,,Bern,2000,\n,zoe@x.com,,,5,\n',
  );
  const approve = async (...args: string[]) => {
    const asked = await fail(...args);
    const [, plan = ''] = /--plan (\S+)/.exec(asked.stderr) ?? [];
    if (asked.code !== 0) await mustRunCommand(data, [...args, '--plan', plan]);
  };
  await run('segment', 'create', 'All', '--rule', 'true');
  const flow = ['--segment', 'All', '--status', 'live'];
  await run('flow', 'create', 'Mail', ...flow);
  const branches = ['--branch', 'rich=total_spend > 1000', '--otherwise', 'other'];
  await run('flow', 'create', 'Paths', ...flow, ...branches);
  await run('flow', 'create', 'Users', ...flow, '--unit', 'user_id', '--variant', 'A=100');
  await run('flow', 'create', 'Held', ...flow, '--variant', 'A=100', '--holdout', '100');
  await approve('exclusion-group', 'set', 'promo', '--unit', 'email', '--flow', 'Paths=100');
  await approve('flow', 'holdout', '--percent', '1', '--unit', 'email', '--salt', 'spring-2026');
  const told = await run('explain', tom);
  const zoe = await run('explain', 'email:zoe@x.com');
  // The published vector of this e-mail and this salt.
  assert.match(
    told,
    /^ {11}global holdout: slot 5072 is not held out; held out 1 % \(9900-9999\); by /m,
  );
  assert.match(
    told,
    /^ {11}exclusion group "promo": slot \d+ belongs to "Paths"; this flow 100 % \(0-9999\)/m,
  );
  assert.match(told, /^ {11}branch "rich": true, chosen\n {13}true {3}total_spend > 1000\.0$/m);
  assert.match(
    told,
    /^ {11}experiment: slot \d+ is held out; .*\n {11}left out: held out of this flow$/m,
  );
  assert.match(zoe, /^ {11}otherwise: "other", chosen$/m);
  assert.match(zoe, /^ {11}experiment: no slot, because the contact has no user_id; "A" 100 % /m);
  assert.match(zoe, /^ {11}left out: the contact has no identity of the type user_id$/m);
});

test('clauses with lists and campaigns show what they looked at', async (context) => {
  const { data, run, explain } = await inPlace(context);
  const place = (name: string) => join(data, '..', name);
  const lists = `version: 1
datasets:
  press: { kind: list, source: { kind: file, paths: [press.csv] }, identifiers: { email: Mail } }
  closed: { kind: list, source: { kind: file, paths: [closed.csv] }, identifiers: { email: Mail } }
  mails:
    kind: membership
    feed: campaign
    source: { kind: file, paths: [mails.csv] }
    identifiers: { email: Mail }
`;
  writeFileSync(place('lists.yaml'), lists);
  writeFileSync(place('press.csv'), 'Mail\ntom@hello.com\n');
  writeFileSync(place('closed.csv'), 'Mail\nann@hello.com\n');
  const mails = [
    'Mail,campaign_id,received_at',
    ...['2026-01-02', '2026-03-04T05:06:07Z'].map((time) => `tom@hello.com,c1,${time}`),
    'tom@hello.com,c2,2026-02-01',
  ];
  writeFileSync(place('mails.csv'), mails.join('\n'));
  await run('apply', '-f', place('lists.yaml'));
  const startMs = Date.now();
  for (const name of ['press', 'closed', 'mails']) await run('sync', 'run', name);
  const window = 'received_campaign("c1", duration("72h"))';
  const rule = `(in_list("press") || in_list("closed") || ${window} || received_campaign("c3")) && received_campaign("c2")`;
  await run('segment', 'create', 'Press', '--rule', rule);
  const { now, segments } = await explain();
  const [first, second] = segments[0]?.clauses.map(({ memberships }) => memberships) ?? [];
  const [press, ...others] = first ?? [];
  const sinceMs = Date.parse(press?.at ?? '');
  assert.ok(sinceMs >= startMs && sinceMs <= Date.parse(now), press?.at ?? 'no time');
  assert.deepEqual({ ...press, at: null }, found('in_list', 'press', true));
  const since = new Date(Date.parse(now) - 72 * 3_600_000).toISOString();
  assert.deepEqual(others, [
    found('in_list', 'closed', false),
    { ...found('received_campaign', 'c1', true), at: '2026-03-04T05:06:07.000Z', since },
    found('received_campaign', 'c3', false),
  ]);
  const c2 = { ...found('received_campaign', 'c2', true), at: '2026-02-01T00:00:00.000Z' };
  assert.deepEqual(second, [c2]);
  await run('sync', 'run', 'press', '--full');
  const [again] = (await explain()).segments[0]?.clauses[0]?.memberships ?? [];
  assert.deepEqual(again, press, 'a row that stays keeps its time');
  const text = await run('explain', tom);
  assert.match(text, /^ +in the list "press" since 20\d\d-\d\d-\d\d \d\d:\d\d$/m);
  assert.match(text, /^ +not in the list "closed"$/m);
  assert.match(text, /^ +campaign "c1" last received 2026-03-04 05:06, counts since 20/m);
  assert.match(text, /^ +campaign "c3" never received$/m);
});

function found(kind: string, name: string, is_found: boolean) {
  return { kind, name, is_found, at: null, since: null };
}
