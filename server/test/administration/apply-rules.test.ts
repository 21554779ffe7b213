/** Computed fields and segments in a catalog document. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Administration } from '../../src/administration/administration.ts';
import {
  type ApplyRequest,
  applyCatalog,
  exportCatalog,
} from '../../src/administration/document/apply-catalog.ts';
import {
  listComputedFieldEdits,
  listComputedFields,
} from '../../src/administration/rule/computed-fields.ts';
import { listSegmentEdits, listSegments } from '../../src/administration/rule/segments.ts';
import { inCatalog, isProblem } from './in-catalog.ts';
import { membersOf } from './in-rules.ts';

const crm = {
  kind: 'contact',
  identifiers: { email: 'Mail' },
  fields: {
    total_spend: { type: 'currency' },
    cost: { type: 'currency' },
    visits: { type: 'integer' },
    city: { type: 'string' },
  },
};

/** Each rule uses something that comes later in the document. */
const whole = {
  version: 1,
  computed_fields: {
    level: { rule: 'margin > 100 ? "high" : "low"', description: 'for the shop', content: false },
    margin: { rule: 'total_spend - cost', type: 'currency' },
  },
  segments: {
    VIPs: { rule: 'in_segment("Big spenders") && level == "high"', description: 'the best' },
    'Big spenders': { id: 40, rule: 'total_spend > 1000.0 && in_list("staff") == false' },
  },
  datasets: { crm, staff: { kind: 'list', identifiers: { email: 'Mail' } } },
};

function apply(administration: Administration, document: unknown, how: Partial<ApplyRequest> = {}) {
  const usual = { prune: false, force: false, dryRun: false, sectionsOf: async () => 0 };
  return applyCatalog(administration, 1, { ...usual, ...how, document });
}

test('rules of a document may use each other in any order, and its export is equal to it', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const tried = await apply(operator, whole, { dryRun: true });
  assert.deepEqual(await listSegments(operator, 1), [], 'a dry run changes nothing');
  assert.deepEqual(await apply(operator, whole), tried);
  assert.deepEqual((await apply(operator, whole)).differences, []);
  const exported = await exportCatalog(operator, 1);
  assert.deepEqual(exported['computed_fields'], {
    level: {
      rule: 'margin > 100.0 ? "high" : "low"',
      ...{ type: 'string', description: 'for the shop', content: false },
    },
    margin: { rule: 'total_spend - cost', type: 'currency' },
  });
  assert.deepEqual(exported['segments'], {
    'Big spenders': { id: 40, rule: 'total_spend > 1000.0 && in_list("staff") == false' },
    VIPs: { id: 41, description: 'the best', rule: whole.segments.VIPs.rule },
  });
  await using other = await inCatalog();
  await apply(other.operator, exported);
  assert.deepEqual(await exportCatalog(other.operator, 1), exported);
  assert.deepEqual((await apply(operator, exported, { prune: true })).differences, []);
  assert.equal((await listSegmentEdits(operator, 1, 'VIPs')).length, 1);
  assert.equal((await listComputedFieldEdits(operator, 1, 'level')).length, 1);
});

test('a rule that YAML reads as a boolean is a rule', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const segments = { Everyone: { rule: true }, Nobody: { rule: false } };
  await apply(operator, { version: 1, segments });
  const rules = (await listSegments(operator, 1)).map(({ rule }) => rule);
  assert.deepEqual(rules, ['true', 'false']);
});

test('what a document leaves out stays, and is reported', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await apply(operator, whole);
  const { kept, differences } = await apply(operator, {
    version: 1,
    segments: { VIPs: { description: null } },
    computed_fields: { margin: { sensitivity: 'internal' } },
  });
  assert.deepEqual(kept, [
    ...['/datasets/crm', '/datasets/staff', '/computed_fields/level', '/segments/Big spenders'],
  ]);
  assert.deepEqual(differences, [
    { path: '/computed_fields/margin/sensitivity', before: undefined, after: 'internal' },
    { path: '/segments/VIPs/description', before: 'the best', after: undefined },
  ]);
});

test('an id in the document finds a segment under its old name, and names can be swapped', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await apply(operator, whole);
  const names = async () => (await listSegments(operator, 1)).map(({ id, name }) => [id, name]);
  await apply(operator, { version: 1, segments: { Best: { id: 41 }, VIPs: { id: 40 } } });
  assert.deepEqual(await names(), [
    [40, 'VIPs'],
    [41, 'Best'],
  ]);
  await apply(operator, { version: 1, segments: { VIPs: { id: 41 }, Best: { id: 40 } } });
  assert.deepEqual(await names(), [
    [40, 'Best'],
    [41, 'VIPs'],
  ]);
  const [, vips] = await listSegments(operator, 1);
  assert.equal(vips?.rule, 'in_segment("Best") && level == "high"');
  const bad = (segments: unknown) => apply(operator, { version: 1, segments });
  const clash = bad({ a: { id: 41 }, b: { id: 41 } });
  await assert.rejects(clash, isProblem('definition_invalid', /Two segments have the id 41/));
  await assert.rejects(bad({ VIPs: { id: 40 } }), isProblem('name_taken', /id 41 is called VIPs/));
  const other = bad({ VIPs: { id: 99, rule: 'true' } });
  await assert.rejects(other, isProblem('name_taken', /id 41 is called VIPs/));
  await assert.rejects(bad({ a: { id: 'x' } }), isProblem('definition_invalid', /Give a number/));
});

test('prune removes what no rule uses, and names of removed definitions are free', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await apply(operator, whole);
  const { computed_fields: fields, segments, ...rest } = whole;
  const without = { ...rest, segments: { VIPs: segments.VIPs } };
  const refused = apply(operator, without, { prune: true });
  await assert.rejects(refused, isProblem('rule_invalid', /There is no segment "Big spenders"/));
  const unused = { ...rest, segments: { VIPs: { rule: 'level == "high"' } } };
  const inUse = apply(operator, unused, { prune: true });
  await assert.rejects(inUse, isProblem('rule_invalid', /There is no field "level"/));
  const kept = { ...rest, computed_fields: fields, segments: { VIPs: {} } };
  await assert.rejects(
    apply(operator, kept, { prune: true }),
    isProblem('definition_in_use', /Big spenders would be gone.*segment VIPs/),
  );
  assert.equal((await listSegments(operator, 1)).length, 2, 'nothing was removed');
  const moved = {
    ...rest,
    datasets: {
      ...rest.datasets,
      crm: { ...crm, fields: { ...crm.fields, level: { type: 'string' } } },
    },
    segments: { VIPs: { rule: 'level == "high"' } },
  };
  await apply(operator, moved, { prune: true, force: true });
  assert.deepEqual(await listComputedFields(operator, 1), []);
  assert.equal((await listSegments(operator, 1))[0]?.rule, 'level == "high"');
});

test('a dataset under a rule is kept, also by prune and force', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await apply(operator, whole);
  const force = { prune: true, force: true };
  const { staff } = whole.datasets;
  const dropped = { ...whole, datasets: { crm: { ...crm, fields: {} }, staff } };
  await assert.rejects(apply(operator, dropped, force), isProblem('rule_invalid', /no field/));
  const only = {
    version: 1,
    datasets: { crm: { ...crm, fields: { visits: { type: 'integer' } } } },
  };
  const kept = { ...only, computed_fields: { level: {}, margin: {} }, segments: whole.segments };
  await assert.rejects(apply(operator, kept, force), isProblem('rule_invalid'));
  const off = {
    ...crm,
    fields: { ...crm.fields, total_spend: { type: 'currency', condition: false } },
  };
  const conditionOff = { version: 1, datasets: { crm: off } };
  const inUse = isProblem('definition_in_use', /total_spend could no longer.*Big spenders/);
  await assert.rejects(apply(operator, conditionOff, { force: true }), inUse);
});

test('faults of rules have their place, all are listed, and nothing is applied', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const faulty = {
    ...whole,
    segments: {
      a: { rule: 'visitz > 3' },
      b: { rule: 'visits >' },
      c: { rule: 'city > 3' },
      d: { rule: 'in_segment("a")' },
    },
  };
  const members = await membersOf('rule_invalid', apply(operator, faulty));
  const problems = members['problems'] as { path: string; line: number; suggestion?: string }[];
  assert.deepEqual(
    problems.map(({ path, line, suggestion }) => [path, line, suggestion]),
    [
      ['/segments/a/rule', 1, 'visits'],
      ['/segments/b/rule', 1, undefined],
    ],
  );
  const cycle = { a: { rule: 'in_segment("b")' }, b: { rule: 'in_segment("a")' } };
  const names = { '<b>': { rule: 'true' }, '12': { rule: 'true' }, __proto__: { rule: 'true' } };
  const cases: readonly (readonly [unknown, string, RegExp])[] = [
    [{ ...whole, segments: cycle }, 'definition_cycle', /segment a → segment b → segment a/],
    [{ ...whole, segments: names }, 'definition_invalid', /A name has/],
    [{ ...whole, segments: { a: {} } }, 'definition_invalid', /needs a rule/],
    [{ ...whole, segments: { a: { rul: 'true' } } }, 'definition_invalid', /Did you mean rule/],
    [{ ...whole, computed_fields: { a: { rule: 'x' } } }, 'rule_invalid', /no field "x"/],
    [{ ...whole, computed_fields: { city: { rule: 'visits' } } }, 'name_taken', /A dataset fills/],
    [{ ...whole, computed_fields: { a: { rule: 5 } } }, 'definition_invalid', /Give a string/],
  ];
  for (const [document, code, words] of cases) {
    await assert.rejects(apply(operator, document), isProblem(code, words));
  }
  assert.deepEqual(
    await exportCatalog(operator, 1),
    await exportCatalog((await inCatalog()).operator, 1),
  );
});
