/** Segments: created, edited, listed and removed, with their history and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listAudit } from '../../src/administration/list-audit.ts';
import {
  createSegment,
  editSegment,
  listSegmentEdits,
  listSegments,
  readSegment,
  removeSegment,
} from '../../src/administration/rule/segments.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import { maxUseDepth } from '../../src/domain/limits.ts';
import { isProblem } from './in-catalog.ts';
import { inRules, membersOf } from './in-rules.ts';

const buyers = { name: 'High spenders', rule: 'total_spend > 1000 && city == "Berlin"' };

test('a segment is created, and its rule is kept as it will be shown', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  const made = await createSegment(operator, 1, buyers);
  assert.deepEqual(made, {
    ...{ id: 1, name: 'High spenders', description: null },
    rule: 'total_spend > 1000.0 && city == "Berlin"',
  });
  assert.deepEqual(await listSegments(operator, 1), [made]);
  assert.deepEqual(await readSegment(operator, 1, 'High spenders'), made);
  assert.deepEqual(await readSegment(operator, 1, '1'), made);
  await assert.rejects(readSegment(operator, 1, '2'), isProblem('resource_not_found'));
  const state = await operator.catalog.loadState();
  assert.equal(state.organizations.get(1)?.definitions.segments.get(1)?.name, 'High spenders');
});

test('an edit changes what is given, and its history says who, when and what', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await createSegment(operator, 1, buyers);
  catalog.passMs(60_000);
  const { id } = await createToken(operator, 1, {
    ...{ createdBy: 'ann@example.com', scopes: ['admin:write', 'admin:read'] },
  }).then(({ token }) => token);
  const caller = await catalog.asToken(id);
  await editSegment(caller, 1, { reference: '1', description: 'for the mail of May' });
  await editSegment(caller, 1, { reference: '1', rule: 'total_spend > 2000.0' });
  await editSegment(caller, 1, { reference: '1', rule: 'total_spend > 2000' });
  const [newest, second, first, ...others] = await listSegmentEdits(operator, 1, '1');
  assert.deepEqual(others, [], 'an edit without effect is none');
  assert.deepEqual(
    [newest?.number, newest?.author, newest?.edited_at],
    [3, `token:${id}`, '2026-11-23T00:01:00Z'],
  );
  assert.deepEqual(newest?.differences, [
    {
      path: '/rule',
      before: 'total_spend > 1000.0 && city == "Berlin"',
      after: 'total_spend > 2000.0',
    },
  ]);
  assert.deepEqual(second?.differences[0]?.path, '/description');
  assert.deepEqual([first?.number, first?.author], [1, 'operator:test']);
  const audit = await listAudit(operator, 1, { limit: 10 });
  assert.deepEqual(
    audit
      .map(({ action, target }) => [action, target])
      .filter(([one]) => /^segment/.test(one ?? '')),
    [
      ['segment.edit', 'High spenders'],
      ['segment.edit', 'High spenders'],
      ['segment.create', 'High spenders'],
    ],
  );
});

test('a new name rewrites no rule, and rules show it at once', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await createSegment(operator, 1, buyers);
  await createSegment(operator, 1, { name: 'VIPs', rule: 'in_segment("High spenders")' });
  await editSegment(operator, 1, { reference: 'High spenders', name: 'Big "no"' }).catch(() => {});
  await editSegment(operator, 1, { reference: 'High spenders', name: "Spenders' club" });
  assert.equal((await readSegment(operator, 1, 'VIPs')).rule, 'in_segment("Spenders\' club")');
  assert.equal((await listSegmentEdits(operator, 1, 'VIPs')).length, 1);
});

test('a segment in use cannot be removed, and the answer names every user', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await createSegment(operator, 1, buyers);
  await createSegment(operator, 1, { name: 'VIPs', rule: 'in_segment("High spenders")' });
  await createSegment(operator, 1, { name: 'Others', rule: '!in_segment("High spenders")' });
  const members = await membersOf(
    'definition_in_use',
    removeSegment(operator, 1, { reference: '1' }),
  );
  assert.deepEqual(members['users'], [
    { kind: 'segment', id: 2, name: 'VIPs' },
    { kind: 'segment', id: 3, name: 'Others' },
  ]);
  await assert.rejects(
    removeSegment(operator, 1, { reference: '1' }),
    isProblem('definition_in_use', /High spenders would be gone.*segment VIPs, segment Others/),
  );
  assert.equal((await listSegments(operator, 1)).length, 3, 'nothing changed');
  for (const one of ['VIPs', 'Others', 'High spenders'])
    await removeSegment(operator, 1, { reference: one });
  assert.deepEqual(await listSegments(operator, 1), []);
  const [removal] = await listSegmentEdits(operator, 1, '1');
  assert.equal(removal?.definition, null);
  await assert.rejects(listSegmentEdits(operator, 1, 'VIPs'), isProblem('resource_not_found'));
});

test('ids are numbers that never clash and are never used again', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  const create = (name: string, id?: number) =>
    createSegment(operator, 1, { name, rule: 'true', ...(id !== undefined && { id }) });
  assert.equal((await create('a')).id, 1);
  assert.equal((await create('b', 500)).id, 500);
  assert.equal((await create('c')).id, 501);
  await removeSegment(operator, 1, { reference: 'c' });
  assert.equal((await create('d')).id, 502);
  await assert.rejects(create('e', 501), isProblem('definition_invalid', /never used again/));
  await assert.rejects(create('e', 500), isProblem('definition_invalid', /has this id/));
  for (const id of [0, -1, 1.5, 1_000_000_000, Number.NaN]) {
    await assert.rejects(create('e', id), isProblem('definition_invalid', /whole number/));
  }
});

test('a cycle is refused, and the answer shows the whole path', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await createSegment(operator, 1, { name: 'a', rule: 'true' });
  await createSegment(operator, 1, { name: 'b', rule: 'in_segment("a")' });
  await createSegment(operator, 1, { name: 'c', rule: 'in_segment("b") || city == "X"' });
  const attempt = () => editSegment(operator, 1, { reference: 'a', rule: 'in_segment("c")' });
  await assert.rejects(
    attempt(),
    isProblem('definition_cycle', /segment a → segment c → segment b → segment a/),
  );
  const members = await membersOf('definition_cycle', attempt());
  assert.deepEqual(members['cycle'], [
    { kind: 'segment', id: 1, name: 'a' },
    { kind: 'segment', id: 3, name: 'c' },
    { kind: 'segment', id: 2, name: 'b' },
  ]);
  await assert.rejects(
    editSegment(operator, 1, { reference: 'a', rule: '!in_segment("a")' }),
    isProblem('definition_cycle', /segment a → segment a/),
  );
  assert.equal((await readSegment(operator, 1, 'a')).rule, 'true');
});

test('rules use each other to a bounded depth', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await createSegment(operator, 1, { name: 's1', rule: 'true' });
  const create = (level: number) =>
    createSegment(operator, 1, { name: `s${level}`, rule: `in_segment("s${level - 1}")` });
  for (let level = 2; level <= maxUseDepth; level += 1) await create(level);
  await assert.rejects(create(maxUseDepth + 1), isProblem('definition_invalid', /s21 → .*s1/));
  await createSegment(operator, 1, { name: 'deep', rule: 'true' });
  const deeper = editSegment(operator, 1, { reference: 's1', rule: 'in_segment("deep")' });
  await assert.rejects(deeper, isProblem('definition_invalid', /s20 → .*s1 → segment deep/));
});

const badRules: readonly (readonly [rule: string, words: RegExp])[] = [
  ['total_spend >', /Line 1, column/],
  ['total_spent > 5', /There is no field "total_spent"\. Did you mean total_spend\?/],
  ['total_spend > "a"', /Line 1, column/],
  ['in_segment("None")', /There is no segment "None"/],
  ['total_spend', /true or false, and this one gives a number/],
  ['secret == "x"', /secret/],
  [`city.matches("(a+)+$")`, /Line 1, column/],
  [`${'!'.repeat(1_000)}true`, /levels deep/],
  [`city == "${'x'.repeat(70_000)}"`, /longer than/],
  [`city in [${'"a",'.repeat(2_000)}"b"]`, /more than/],
  ['', /empty/],
];

test('a bad rule is refused with its place, and changes nothing', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await createSegment(operator, 1, buyers);
  const before = await operator.catalog.readRevision();
  for (const [rule, words] of badRules) {
    const refused = isProblem('rule_invalid', words);
    await assert.rejects(
      createSegment(operator, 1, { name: 'x', rule }),
      refused,
      rule.slice(0, 40),
    );
    const edit = editSegment(operator, 1, { reference: '1', rule });
    const members = await membersOf('rule_invalid', edit);
    assert.ok(Number(members['line']) >= 1 && Number(members['column']) >= 1);
  }
  const near = createSegment(operator, 1, { name: 'x', rule: 'total_spent > 5' });
  const members = await membersOf('rule_invalid', near);
  assert.deepEqual(
    [members['line'], members['column'], members['suggestion']],
    [1, 1, 'total_spend'],
  );
  assert.equal(await operator.catalog.readRevision(), before);
});

const badNames = [
  ...['', ' a', 'a ', '12', 'a\nb', 'a\u001b[31m', '<b>a</b>', 'a"b', 'a\\b', 'a&lt;b'],
  ...['a\u202eb', 'a\u200bb', 'e\u0301', 'x'.repeat(101), '\ud800', '`a`'],
];

test('names with markup, control characters and quotes are refused', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  for (const name of badNames) {
    const attempt = createSegment(operator, 1, { name, rule: 'true' });
    await assert.rejects(attempt, isProblem('definition_invalid', /A name has/), name);
  }
  for (const name of [
    "Mother's day & more",
    '90 days',
    'Käufer/Köln (2026)',
    '顧客',
    'x'.repeat(100),
  ]) {
    assert.equal((await createSegment(operator, 1, { name, rule: 'true' })).name, name);
  }
  const again = createSegment(operator, 1, { name: '顧客', rule: 'true' });
  await assert.rejects(again, isProblem('name_taken', /already exists/));
  const renamed = editSegment(operator, 1, { reference: '顧客', name: '90 days' });
  await assert.rejects(renamed, isProblem('name_taken', /Choose another name/));
});

test('an edit of a segment that changed since is refused', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await createSegment(operator, 1, buyers);
  const edit = { reference: '1', rule: 'true', precondition: () => false };
  await assert.rejects(editSegment(operator, 1, edit), isProblem('precondition_failed'));
});

test('a token with lists sees no segments and changes none', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await createSegment(operator, 1, buyers);
  const { token } = await createToken(operator, 1, {
    ...{ createdBy: 'ann@example.com', scopes: ['admin:read', 'admin:write'], fields: ['city'] },
  });
  const caller = await catalog.asToken(token.id);
  assert.deepEqual(await listSegments(caller, 1), []);
  await assert.rejects(readSegment(caller, 1, '1'), isProblem('resource_not_found'));
  await assert.rejects(listSegmentEdits(caller, 1, '1'), isProblem('resource_not_found'));
  const changes = [
    createSegment(caller, 1, { name: 'x', rule: 'true' }),
    editSegment(caller, 1, { reference: '1', rule: 'true' }),
    removeSegment(caller, 1, { reference: '1' }),
  ];
  for (const change of changes) await assert.rejects(change, isProblem('scope_missing'));
});
