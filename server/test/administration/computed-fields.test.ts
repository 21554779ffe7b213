/** Computed fields: their types and settings, their history, and what their rules may use. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listFields, updateField } from '../../src/administration/fields.ts';
import {
  createComputedField,
  editComputedField,
  listComputedFieldEdits,
  listComputedFields,
  readComputedField,
  removeComputedField,
} from '../../src/administration/rule/computed-fields.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import { type CatalogForTest, dayMs, isProblem, startMs } from './in-catalog.ts';
import { inRules } from './in-rules.ts';

function create(
  { operator }: CatalogForTest,
  name: string,
  rule: string,
  settings: Parameters<typeof createComputedField>[2]['settings'] = {},
) {
  return createComputedField(operator, 1, { name, rule, settings });
}

/** A token reads the field today. */
async function noteRead({ operator }: CatalogForTest, name: string): Promise<void> {
  await createToken(operator, 1, { createdBy: 'ann@example.com', name: 'site' });
  const tokens = await operator.catalog.read((view) => view.listTokens(1));
  const field = await operator.catalog.read((view) => view.findField(1, name));
  const day = Math.floor(startMs / dayMs);
  const read = { tokenRowId: tokens[0]?.rowId ?? 0, fieldId: field?.id ?? 0, day };
  await operator.catalog.recordFieldReads([read]);
}

test('a computed field is a field with a rule and without a dataset', async () => {
  await using catalog = await inRules();
  const made = await create(catalog, 'tier', 'total_spend > 1000 ? "gold" : "basic"', {
    description: 'for the shop',
    sensitivity: 'internal',
    impliedValue: 'none',
  });
  assert.deepEqual(made, {
    ...{ name: 'tier', type: 'string', dataset: null, display_name: null },
    ...{ description: 'for the shop', content: true, condition: true, implied_value: 'none' },
    ...{ sensitivity: 'internal', currency: null, built_in: false },
    rule: 'total_spend > 1000.0 ? "gold" : "basic"',
    warnings: [
      'The sensitivity of this field is internal, and its rule uses fields that are personal.',
    ],
  });
  const { operator } = catalog;
  const fields = await listFields(operator, 1);
  assert.deepEqual(fields.at(-1), made);
  assert.equal(fields.find(({ name }) => name === 'city')?.rule, null);
  assert.deepEqual(await listComputedFields(operator, 1), [made]);
  assert.deepEqual(await readComputedField(operator, 1, 'tier'), made);
  await assert.rejects(readComputedField(operator, 1, 'city'), isProblem('resource_not_found'));
  const state = await operator.catalog.loadState();
  assert.equal(state.organizations.get(1)?.fields.get('tier')?.datasetId, 0);
});

test('without a type, the field gets the one that fits its rule', async () => {
  await using catalog = await inRules();
  const types: readonly (readonly [rule: string, type: string])[] = [
    ['total_spend - cost', 'currency'],
    ['total_spend', 'currency'],
    ['notes', 'text'],
    ['total_spend * 2', 'currency'],
    ['total_spend / cost', 'float'],
    ['double(total_spend) - cost', 'currency'],
    ['double(total_spend) * 2', 'float'],
    ['visits', 'integer'],
    ['coalesce(city, "none")', 'string'],
    ['coalesce(notes, city)', 'text'],
    ['born', 'date'],
    ['visits > 3', 'boolean'],
  ];
  for (const [place, [rule, type]] of types.entries()) {
    assert.equal((await create(catalog, `f${place}`, rule)).type, type, rule);
  }
  const money = await create(catalog, 'margin', 'total_spend - cost', { type: 'currency' });
  assert.equal(money.type, 'currency');
  const attempt = create(catalog, 'x', 'city', { type: 'float' });
  await assert.rejects(attempt, isProblem('definition_invalid', /type: .*a text.*string, text/));
  const days = create(catalog, 'x', 'days(3)');
  await assert.rejects(days, isProblem('rule_invalid', /no field can hold/));
  const unknown = create(catalog, 'x', 'city', { type: 'money' });
  await assert.rejects(unknown, isProblem('definition_invalid', /Give one of/));
});

test('amounts of several currencies are not mixed, and one currency is taken over', async () => {
  await using catalog = await inRules();
  const money = { type: 'currency' };
  assert.equal((await create(catalog, 'double_yen', 'yen * 2', money)).currency, 'JPY');
  const mixed = create(catalog, 'sum', 'yen + total_spend', money);
  await assert.rejects(
    mixed,
    isProblem(
      'rule_invalid',
      /Line 1, column 7: .*amounts in JPY \(yen\) and in USD \(total_spend\)/,
    ),
  );
  const later = createSegment(catalog.operator, 1, {
    ...{ name: 'mixed', rule: 'yen > 1 && total_spend > 1 &&\n  (total_spend + 1.0) > yen' },
  });
  await assert.rejects(
    later,
    isProblem('rule_invalid', /Line 2, column 25: .*total_spend\) and in/),
  );
  const other = create(catalog, 'sum', 'yen', { ...money, currency: 'EUR' });
  await assert.rejects(other, isProblem('definition_invalid', /give the currency JPY/));
});

test('a computed field may use fields that are no conditions, and other computed fields', async () => {
  await using catalog = await inRules();
  await create(catalog, 'first', 'coalesce(secret, city)');
  // What was computed from a field that rules may not use is no condition unless somebody says so.
  assert.equal(
    (await create(catalog, 'second', 'first.size()', { condition: true })).condition,
    true,
  );
  const { operator } = catalog;
  const cycle = editComputedField(operator, 1, {
    ...{ name: 'first', settings: {}, rule: 'second > 3 ? "a" : city' },
  });
  await assert.rejects(
    cycle,
    isProblem('definition_cycle', /computed field first → computed field second → computed field/),
  );
  await createSegment(operator, 1, { name: 'long names', rule: 'second > 10' });
  const through = editComputedField(operator, 1, {
    ...{ name: 'first', settings: {}, rule: 'in_segment("long names") ? "a" : "b"' },
  });
  await assert.rejects(
    through,
    isProblem('definition_cycle', /first → segment long names → computed field second/),
  );
});

test('edits change what is given and are kept, also those of `usher field set`', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await create(catalog, 'tier', 'visits > 3 ? "gold" : "basic"');
  catalog.passMs(1_000);
  const content = { name: 'tier', settings: { content: false } };
  assert.equal((await updateField(operator, 1, content)).content, false);
  const rule = { name: 'tier', settings: {}, rule: 'visits > 4 ? "gold" : "basic"' };
  const edited = await editComputedField(operator, 1, rule);
  assert.deepEqual(
    [edited.content, edited.rule],
    [false, 'visits > 4 ? "gold" : "basic"'],
    'what was not given stays',
  );
  await editComputedField(operator, 1, rule);
  const edits = await listComputedFieldEdits(operator, 1, 'tier');
  assert.deepEqual(
    edits.map(({ number, differences }) => [number, differences.map(({ path }) => path)]),
    [
      [3, ['/rule']],
      [2, ['/content']],
      [1, ['/rule', '/type']],
    ],
  );
  const other = editComputedField(operator, 1, { ...rule, precondition: () => false });
  await assert.rejects(other, isProblem('precondition_failed'));
  const retyped = editComputedField(operator, 1, { ...rule, rule: 'visits' });
  await assert.rejects(retyped, isProblem('definition_invalid', /whole number.*type string/));
});

test('a computed field in use is removed or retyped only after its users', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await create(catalog, 'score', 'visits * 2');
  await createSegment(operator, 1, { name: 'active', rule: 'score > 10' });
  const remove = (force: boolean) =>
    removeComputedField(operator, 1, { reference: 'score', force });
  const inUse = isProblem('definition_in_use', /score would be gone.*segment active/);
  await assert.rejects(remove(true), inUse);
  const retyped = editComputedField(operator, 1, {
    ...{ name: 'score', settings: { type: 'float' }, force: true },
  });
  await assert.rejects(retyped, isProblem('definition_in_use', /another type.*segment active/));
  const off = updateField(operator, 1, { name: 'score', settings: { condition: false } });
  await assert.rejects(off, isProblem('definition_in_use', /no longer be used by rules/));
  assert.equal((await readComputedField(operator, 1, 'score')).type, 'integer');
});

test('a computed field that tokens read is removed only with force', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await create(catalog, 'score', 'visits * 2');
  await noteRead(catalog, 'score');
  const remove = (force: boolean) =>
    removeComputedField(operator, 1, { reference: 'score', force });
  await assert.rejects(remove(false), isProblem('approval_required', /score would be gone/));
  await remove(true);
  await assert.rejects(readComputedField(operator, 1, 'score'), isProblem('resource_not_found'));
  const next = await create(catalog, 'score', 'visits');
  assert.equal((await listComputedFieldEdits(operator, 1, 'score')).length, 1, next.name);
});

test('names of computed fields are those of fields, and each is used once', async () => {
  await using catalog = await inRules();
  for (const name of ['City', 'a b', '', 'journey_membership', 'x'.repeat(65), 'ü']) {
    await assert.rejects(create(catalog, name, 'city'), isProblem('definition_invalid', /name/));
  }
  await assert.rejects(create(catalog, 'city', 'notes'), isProblem('name_taken'));
});

test('a token with a list of fields sees a computed field, but not its rule', async () => {
  await using catalog = await inRules();
  await create(catalog, 'score', 'visits * 2');
  const { token } = await createToken(catalog.operator, 1, {
    ...{ createdBy: 'ann@example.com', scopes: ['admin:read', 'admin:write'], fields: ['score'] },
  });
  const caller = await catalog.asToken(token.id);
  const [field, ...others] = await listFields(caller, 1);
  assert.deepEqual([field?.name, field?.rule, others.length], ['score', null, 0]);
  assert.deepEqual(await listComputedFields(caller, 1), []);
  const update = updateField(caller, 1, { name: 'score', settings: { content: false } });
  await assert.rejects(update, isProblem('scope_missing'));
});
