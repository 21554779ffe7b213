/** Computed fields over fields that look-ups do not return, and over sensitive ones. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCatalog, exportCatalog } from '../../src/administration/document/apply-catalog.ts';
import type { FieldSettings } from '../../src/administration/field-settings.ts';
import type { FieldView } from '../../src/administration/field-view.ts';
import { readField, updateField } from '../../src/administration/fields.ts';
import {
  createComputedField,
  editComputedField,
} from '../../src/administration/rule/computed-fields.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
import { type CatalogForTest, isProblem } from './in-catalog.ts';
import { inRules } from './in-rules.ts';

/** `cost` is hidden and sensitive, `visits` internal, and of `city` nothing is said. */
async function inHidden(): Promise<CatalogForTest> {
  const catalog = await inRules();
  await set(catalog, 'cost', { content: false, sensitivity: 'sensitive' });
  await set(catalog, 'visits', { sensitivity: 'internal' });
  return catalog;
}

function set({ operator }: CatalogForTest, name: string, settings: FieldSettings) {
  return updateField(operator, 1, { name, settings });
}

function create(
  { operator }: CatalogForTest,
  [name, rule]: readonly [string, string],
  settings: FieldSettings = {},
) {
  return createComputedField(operator, 1, { name, rule, settings });
}

function flagsOf({ content, sensitivity }: FieldView) {
  return [content, sensitivity];
}

test('a new computed field shows nothing that look-ups do not return, and says so', async () => {
  await using catalog = await inHidden();
  const hidden = await create(catalog, ['inc', 'cost']);
  assert.deepEqual(flagsOf(hidden), [false, 'sensitive']);
  assert.match(hidden.warnings.join(), /content of this field is off.*rule: cost\./);
  assert.deepEqual(flagsOf(await create(catalog, ['twice', 'inc * 2'])), [false, 'sensitive']);
  const asked = await create(catalog, ['shown', 'cost > 5.0'], { content: true });
  assert.deepEqual(flagsOf(asked), [true, 'sensitive']);
  assert.match(asked.warnings.join(), /show fields whose content is off: cost\./);
  assert.deepEqual(flagsOf(await create(catalog, ['open', 'visits + 1'])), [true, 'internal']);
  assert.deepEqual((await readField(catalog.operator, 1, 'open')).warnings, []);
  const unsaid = await create(catalog, ['unsaid', 'city == "" ? visits : 0']);
  assert.deepEqual(flagsOf(unsaid), [true, null]);
});

test('what a rule shows through segments counts, too', async () => {
  await using catalog = await inHidden();
  await createSegment(catalog.operator, 1, { name: 'Costly', rule: 'cost > 5' });
  const made = await create(catalog, ['costly', 'in_segment("Costly")']);
  assert.deepEqual(flagsOf(made), [false, 'sensitive']);
});

test('a lower sensitivity is kept where it is given, and the field warns', async () => {
  await using catalog = await inHidden();
  const made = await create(catalog, ['is_costly', 'cost > 5.0'], { sensitivity: 'internal' });
  assert.equal(made.sensitivity, 'internal');
  assert.match(made.warnings.join(), /is internal, and its rule uses fields that are sensitive/);
});

test('an edit that would show a hidden field has to say so', async () => {
  await using catalog = await inHidden();
  const { operator } = catalog;
  await create(catalog, ['sum', 'visits + 1'], { type: 'float' });
  const edit = { name: 'sum', rule: 'cost' };
  const silent = editComputedField(operator, 1, { ...edit, settings: {} });
  await assert.rejects(silent, isProblem('definition_invalid', /content: .*do not return: cost\./));
  const stated = await editComputedField(operator, 1, { ...edit, settings: { content: true } });
  assert.deepEqual(flagsOf(stated), [true, 'sensitive']);
  const again = { name: 'sum', settings: { description: 'x' } };
  assert.deepEqual(flagsOf(await editComputedField(operator, 1, again)), [true, 'sensitive']);
});

test('a field that is hidden later names the computed fields that show it', async () => {
  await using catalog = await inHidden();
  await create(catalog, ['town', 'coalesce(city, "none")']);
  const hidden = await set(catalog, 'city', { content: false });
  assert.match(hidden.warnings.join(), /these computed fields show it: town\./);
  await set(catalog, 'city', { content: true });
  const sensitive = await set(catalog, 'city', { sensitivity: 'sensitive' });
  assert.match(sensitive.warnings.join(), /a lower sensitivity.*: town\./);
  assert.deepEqual((await readField(catalog.operator, 1, 'city')).warnings, sensitive.warnings);
});

test('apply guards and warns likewise, and an export keeps what was asked for', async () => {
  await using catalog = await inHidden();
  const { operator } = catalog;
  const request = { prune: false, force: false, dryRun: false, sectionsOf: async () => 0 };
  const apply = (computed_fields: object) =>
    applyCatalog(operator, 1, { ...request, document: { version: 1, computed_fields } });
  const first = await apply({ inc: { rule: 'cost' }, open: { rule: 'cost', content: true } });
  assert.equal(first.warnings.length, 2);
  assert.match(first.warnings[0] ?? '', /^inc: The content of this field is off/);
  assert.deepEqual((await apply({ inc: { rule: 'cost' } })).warnings, []);
  const exported = await exportCatalog(operator, 1);
  const { inc, open } = exported['computed_fields'] as Record<string, Record<string, unknown>>;
  assert.deepEqual([inc?.['content'], open?.['content']], [false, true]);
});

test('a new computed field lets no rule use what rules may not use, and says so', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  await set(catalog, 'cost', { condition: false, content: false });
  const made = await create(catalog, ['inc', 'coalesce(cost, 0.0)']);
  assert.deepEqual([made.content, made.condition], [false, false]);
  assert.match(made.warnings.join(), /condition of this field is off.*in its rule: cost\./);
  assert.equal((await create(catalog, ['twice', 'inc * 2'])).condition, false);
  const segment = createSegment(operator, 1, { name: 'Costly', rule: 'inc > 5' });
  await assert.rejects(segment, isProblem('rule_invalid', /may not use the field "inc"/));
  const asked = await create(catalog, ['shown', 'cost > 5.0'], { condition: true });
  assert.deepEqual([asked.content, asked.condition], [false, true]);
  assert.match(asked.warnings.join(), /use fields whose condition is off: cost\./);
  const { warnings } = await readField(operator, 1, 'cost');
  assert.match(warnings.join(), /may not use this field, but .*fields show it: shown\./);
  const exported = await exportCatalog(operator, 1);
  const { inc, shown } = exported['computed_fields'] as Record<string, Record<string, unknown>>;
  assert.deepEqual([inc?.['condition'], shown?.['condition']], [false, true]);
  await create(catalog, ['sum', 'visits + 1'], { type: 'float' });
  const settings = { content: false };
  const silent = editComputedField(operator, 1, { name: 'sum', rule: 'cost', settings });
  await assert.rejects(silent, isProblem('definition_invalid', /condition: .*not use: cost\./));
  const stated = { name: 'sum', rule: 'cost', settings: { ...settings, condition: false } };
  assert.equal((await editComputedField(operator, 1, stated)).condition, false);
});

test('a catalog file lets no rule use what rules may not use', async () => {
  await using catalog = await inRules();
  await set(catalog, 'cost', { condition: false });
  const document = { version: 1, computed_fields: { inc: { rule: 'cost' } } };
  const request = { prune: false, force: false, dryRun: false, sectionsOf: async () => 0 };
  const { warnings } = await applyCatalog(catalog.operator, 1, { ...request, document });
  assert.match(warnings.join(), /^inc: The condition of this field is off/);
  const { content, condition } = await readField(catalog.operator, 1, 'inc');
  assert.deepEqual([content, condition], [true, false]);
});
