/** What a rule uses stays as it is: fields, flags, types, and lists. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineDataset, validateDataset } from '../../src/administration/dataset/define-dataset.ts';
import { planRemoval, removeDataset } from '../../src/administration/dataset/remove-dataset.ts';
import { applyCatalog } from '../../src/administration/document/apply-catalog.ts';
import { updateField } from '../../src/administration/fields.ts';
import { updateOrganization } from '../../src/administration/organizations.ts';
import { createComputedField } from '../../src/administration/rule/computed-fields.ts';
import { createSegment, editSegment } from '../../src/administration/rule/segments.ts';
import { type CatalogForTest, isProblem } from './in-catalog.ts';
import { crm, inRules } from './in-rules.ts';

async function withRules(): Promise<CatalogForTest> {
  const catalog = await inRules();
  const { operator } = catalog;
  await createSegment(operator, 1, { name: 'Berliners', rule: 'city == "Berlin"' });
  await createSegment(operator, 1, { name: 'Staff', rule: 'in_list("staff")' });
  await createComputedField(operator, 1, { name: 'label', rule: 'notes', settings: {} });
  return catalog;
}

const inUse = (words: RegExp) => isProblem('definition_in_use', words);

test('a field that a segment uses keeps its condition flag and its type', async () => {
  await using catalog = await withRules();
  const { operator } = catalog;
  const set = (settings: Parameters<typeof updateField>[2]['settings'], name = 'city') =>
    updateField(operator, 1, { name, settings, force: true });
  await assert.rejects(set({ condition: false }), inUse(/city could no longer.*Berliners/));
  await assert.rejects(set({ type: 'text' }), inUse(/city would get another type.*Berliners/));
  assert.equal((await set({ content: false })).content, false, 'rules do not need content');
  assert.equal((await set({ condition: false }, 'visits')).condition, false, 'nobody uses it');
  const other = await set({ condition: false }, 'notes');
  assert.equal(other.condition, false, 'a computed field may use any field');
  await assert.rejects(set({ type: 'string' }, 'notes'), inUse(/computed field label/));
});

test('a field keeps its currency while a computed amount uses it', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  const { dataset } = await defineDataset(operator, 1, crm());
  const margin = { name: 'margin', rule: 'total_spend - cost', settings: { type: 'currency' } };
  await createComputedField(operator, 1, margin);
  await createSegment(operator, 1, { name: 'Savers', rule: 'yen > 5.0' });
  await operator.catalog.startRun({
    ...{ id: 'r1', organizationId: 1, datasetId: dataset.id, kind: 'import', trigger: 'command' },
    ...{ definitionVersion: 1, startedAtMs: 1, approvalOf: null },
  });
  const set = (name: string) =>
    updateField(operator, 1, { name, settings: { currency: 'EUR' }, force: true });
  await assert.rejects(set('cost'), inUse(/cost would show.*another currency.*field margin/));
  assert.equal((await set('yen')).currency, 'EUR', 'a segment compares amounts as they are');
});

test('a rule that mixes amounts in different currencies is refused, and stays impossible', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  const save = (rule: string) => createSegment(operator, 1, { name: 'Mixed', rule });
  const mixes = [
    ...['yen > cost', '1.0 < coalesce(yen, cost)', 'yen * 2 - cost > 0', 'cost in [yen]'],
    'max(cost, -yen) == 1.0 && visits > 3',
  ];
  for (const rule of mixes) {
    const words = /rule: .*amounts in .*JPY.*double\(/;
    await assert.rejects(save(rule), isProblem('rule_invalid', words), rule);
  }
  await assert.rejects(
    createComputedField(operator, 1, { name: 'm', rule: 'yen - cost', settings: {} }),
    isProblem('rule_invalid', /amounts in JPY \(yen\) and in USD \(cost\)/),
  );
  await save('double(yen) > cost * 150 || yen > 5.0 || total_spend / yen > 1.0');
  const same = { name: 'Same', rule: 'total_spend > cost' };
  await createSegment(operator, 1, same);
  const set = (name: string, currency: string) =>
    updateField(operator, 1, { name, settings: { currency }, force: true });
  await assert.rejects(set('cost', 'EUR'), inUse(/segment Same/));
  assert.equal((await set('cost', 'USD')).currency, 'USD');
  const settings = { currency: 'EUR' };
  await assert.rejects(updateOrganization(operator, 1, { settings }), inUse(/segment Same/));
});

test('an organization keeps its currency while a computed amount would be in another one', async () => {
  await using catalog = await inRules();
  const { operator } = catalog;
  const doubled = (name: string, currency: string | null) =>
    createComputedField(operator, 1, {
      ...{ name, rule: 'total_spend * 2' },
      settings: { type: 'currency', currency },
    });
  await doubled('follows', null);
  const toEuro = () => updateOrganization(operator, 1, { settings: { currency: 'EUR' } });
  const toDollar = () => updateOrganization(operator, 1, { settings: { currency: 'USD' } });
  assert.equal((await toEuro()).currency, 'EUR');
  await toDollar();
  await doubled('stays', 'USD');
  const words = inUse(/in EUR and no longer in USD, but rules use it: computed field stays\./);
  await assert.rejects(toEuro(), words);
  const document = { version: 1, organization: { currency: 'EUR' } };
  const request = { document, prune: false, force: true, dryRun: false, sectionsOf: async () => 0 };
  await assert.rejects(applyCatalog(operator, 1, request), words);
});

test('a definition without a field that a rule uses is refused', async () => {
  await using catalog = await withRules();
  const { operator } = catalog;
  const without = (name: string) => ({ ...crm([name]), force: true });
  await assert.rejects(defineDataset(operator, 1, without('city')), inUse(/Berliners/));
  await assert.rejects(validateDataset(operator, 1, crm(['notes'])), inUse(/label/));
  await defineDataset(operator, 1, without('visits'));
  await editSegment(operator, 1, { reference: 'Berliners', rule: 'true' });
  await defineDataset(operator, 1, { ...crm(['visits', 'city']), force: true });
});

test('a dataset is not removed while a rule uses it or one of its fields', async () => {
  await using catalog = await withRules();
  const { operator } = catalog;
  for (const [name, words] of [
    ['crm', /city would be gone.*Berliners.*notes would be gone.*label/],
    ['staff', /dataset staff would be gone.*Staff/],
  ] as const) {
    await assert.rejects(planRemoval(operator, 1, name), inUse(words));
    const removal = { name, sections: 0, force: true };
    await assert.rejects(removeDataset(operator, 1, removal), inUse(words));
  }
  await editSegment(operator, 1, { reference: 'Staff', rule: 'true' });
  await removeDataset(operator, 1, { name: 'staff', sections: 0, force: false });
});

test('a dataset cannot take the name of a computed field', async () => {
  await using catalog = await withRules();
  const { operator } = catalog;
  const { definition } = crm();
  const asked = {
    name: 'shop',
    definition: { ...definition, columns: [{ column: 'Label', field: 'label' }] },
    fields: new Map([['label', { type: 'text' }]]),
  };
  const taken = isProblem('definition_invalid', /A rule computes a field of this name/);
  await assert.rejects(defineDataset(operator, 1, asked), taken);
});
