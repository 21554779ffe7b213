/** Who may lower the sensitivity of a field, by whichever call, and how long it then counts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueSightOf } from '../../src/administration/contact/value-sight.ts';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { removeDataset } from '../../src/administration/dataset/remove-dataset.ts';
import { applyCatalog, exportCatalog } from '../../src/administration/document/apply-catalog.ts';
import type { FieldSettings } from '../../src/administration/field-settings.ts';
import { readField, updateField } from '../../src/administration/fields.ts';
import { createFlow } from '../../src/administration/flow/flows.ts';
import {
  createComputedField,
  editComputedField,
} from '../../src/administration/rule/computed-fields.ts';
import { createSegment, editSegment } from '../../src/administration/rule/segments.ts';
import type { DatasetDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { type CatalogForTest, isProblem } from './in-catalog.ts';
import { crm, inRules } from './in-rules.ts';

const lowered = isProblem('role_missing', /administrator/);

/** `cost` is sensitive, `visits` internal, and of the others nothing is said. */
async function inSaid(): Promise<CatalogForTest> {
  const catalog = await inRules();
  const { operator } = catalog;
  await updateField(operator, 1, { name: 'cost', settings: { sensitivity: 'sensitive' } });
  await updateField(operator, 1, { name: 'visits', settings: { sensitivity: 'internal' } });
  return catalog;
}

function apply(by: ReturnType<CatalogForTest['asUser']>, document: unknown, prune = false) {
  const request = { document, prune, force: true, dryRun: false, sectionsOf: async () => 0 };
  return applyCatalog(by, 1, request);
}

/** Whether users of the role see the values of the field. */
async function sees(
  { operator, asUser }: CatalogForTest,
  role: 'analyst' | 'support',
  name: string,
) {
  const state = (await operator.catalog.loadState()).organizations.get(1);
  assert.ok(state !== undefined);
  return valueSightOf(asUser(role).actor, state)(state.fields.get(name));
}

test('an administrator confirms before more people see a field, and only then', async () => {
  await using catalog = await inSaid();
  const set = (isConfirmed: boolean, sensitivity: string) =>
    updateField(catalog.asUser('admin', isConfirmed), 1, {
      ...{ name: 'cost', settings: { sensitivity }, force: true },
    });
  await assert.rejects(set(false, 'public'), isProblem('confirmation_required', /cost/));
  assert.equal((await set(true, 'personal')).sensitivity, 'personal');
  assert.equal((await set(false, 'sensitive')).sensitivity, 'sensitive');
});

test('an administrator confirms before a computed field shows what is more sensitive', async () => {
  await using catalog = await inSaid();
  const unconfirmed = isProblem('confirmation_required', /copy/);
  const settings = { sensitivity: 'internal', type: 'float' } as const;
  const create = (isConfirmed: boolean, rule: string) =>
    createComputedField(catalog.asUser('admin', isConfirmed), 1, { name: 'copy', rule, settings });
  const edit = (isConfirmed: boolean, rule: string) =>
    editComputedField(catalog.asUser('admin', isConfirmed), 1, { name: 'copy', rule, settings });
  await assert.rejects(create(false, 'cost + 1'), unconfirmed);
  await create(false, 'visits + 1');
  await assert.rejects(edit(false, 'visits + cost'), unconfirmed);
  await edit(true, 'visits + cost');
  await edit(false, 'visits + cost + 1');
});

test('an engineer raises a sensitivity, and only an administrator lowers it', async () => {
  await using catalog = await inSaid();
  const set = (role: 'engineer' | 'admin', name: string, sensitivity: string | null) =>
    updateField(catalog.asUser(role), 1, { name, settings: { sensitivity }, force: true });
  for (const [name, lower] of [
    ['city', 'internal'],
    ['city', 'public'],
    ['visits', 'public'],
    ['cost', 'personal'],
    ['cost', null],
  ] as const) {
    await assert.rejects(set('engineer', name, lower), lowered, `${name} ${lower}`);
    await set('engineer', 'city', 'personal');
  }
  assert.equal((await set('engineer', 'visits', 'sensitive')).sensitivity, 'sensitive');
  assert.equal((await set('admin', 'visits', 'public')).sensitivity, 'public');
});

test('no definition of a dataset lowers a sensitivity, nor one that makes a field again', async () => {
  await using catalog = await inSaid();
  const define = (role: 'engineer' | 'admin', fields: Readonly<Record<string, FieldSettings>>) => {
    const known = crm();
    const names = Object.keys(fields);
    return defineDataset(catalog.asUser(role), 1, {
      ...known,
      definition: {
        ...known.definition,
        columns: names.map((field) => ({ column: field.replace('town', 'city'), field })),
      },
      fields: new Map(Object.entries(fields)),
      force: true,
    });
  };
  const others = { cost: {}, visits: {} };
  await assert.rejects(
    define('engineer', { ...others, city: { sensitivity: 'internal' } }),
    lowered,
  );
  const again = { ...others, town: { type: 'string', sensitivity: 'internal' } };
  await assert.rejects(define('engineer', again), lowered);
  await define('engineer', { ...others, town: { type: 'string' } });
  assert.equal(await sees(catalog, 'analyst', 'town'), false);
  await assert.rejects(define('engineer', { town: {}, visits: {} }), lowered, 'cost is gone');
  const gone = removeDataset(catalog.asUser('engineer'), 1, {
    ...{ name: 'crm', sections: 0, force: true },
  });
  await assert.rejects(gone, lowered);
  await define('admin', again);
  await define('engineer', { ...others, town: { sensitivity: 'personal' } });
  await assert.rejects(define('engineer', again), lowered, 'the earlier version');
});

test('no file of the catalog lowers a sensitivity', async () => {
  await using catalog = await inSaid();
  const document = structuredClone(await exportCatalog(catalog.operator, 1)) as {
    datasets: { crm: { fields: Record<string, { sensitivity?: string }> } };
    computed_fields?: object;
  };
  assert.equal((await apply(catalog.asUser('engineer'), document)).differences.length, 0);
  const { fields } = document.datasets.crm;
  fields['city'] = { ...fields['city'], sensitivity: 'internal' };
  await assert.rejects(apply(catalog.asUser('engineer'), document), lowered);
  fields['town'] = fields['city'];
  delete fields['city'];
  await assert.rejects(apply(catalog.asUser('engineer'), document, true), lowered);
  delete fields['town'];
  document.computed_fields = { town: { rule: 'notes', sensitivity: 'public' } };
  await assert.rejects(apply(catalog.asUser('engineer'), document, true), lowered);
  await apply(catalog.asUser('admin'), document, true);
  assert.equal(await sees(catalog, 'analyst', 'town'), true);
});

test('a computed field is masked as the fields that it shows, through anything', async () => {
  await using catalog = await inSaid();
  const marketer = catalog.asUser('marketer');
  const create = (name: string, rule: string, settings: FieldSettings = {}) =>
    createComputedField(marketer, 1, { name, rule, settings });
  await assert.rejects(create('copy', 'city', { sensitivity: 'internal' }), lowered);
  await create('copy', 'city', { sensitivity: 'personal' });
  await create('again', 'copy + ""');
  await createSegment(marketer, 1, { name: 'Rome', rule: 'city == "Rome"' });
  await create('roman', 'in_segment("Rome")');
  await create('costly', 'cost > 5.0 && visits > 1');
  await create('often', 'visits > 5');
  const edit = (name: string, settings: FieldSettings, rule?: string) =>
    editComputedField(marketer, 1, { name, settings, ...(rule !== undefined && { rule }) });
  for (const name of ['copy', 'again', 'roman', 'costly']) {
    assert.equal(await sees(catalog, 'analyst', name), false, name);
    await assert.rejects(edit(name, { sensitivity: 'internal' }), lowered, name);
    const set = { name, settings: { sensitivity: 'internal' }, force: true };
    await assert.rejects(updateField(catalog.asUser('engineer'), 1, set), lowered, name);
  }
  assert.equal(await sees(catalog, 'support', 'copy'), true);
  assert.equal(await sees(catalog, 'support', 'costly'), false);
  assert.equal(await sees(catalog, 'analyst', 'often'), true);
  await edit('often', {}, 'size(city) > 5');
  assert.equal(await sees(catalog, 'analyst', 'often'), false);
});

test('a lowered computed field is masked again when it comes to show another field', async () => {
  await using catalog = await inSaid();
  const { operator, asUser } = catalog;
  const engineer = asUser('engineer');
  await createComputedField(engineer, 1, { name: 'inner', rule: 'city', settings: {} });
  await createSegment(engineer, 1, { name: 'Rome', rule: 'city == "Rome"' });
  const rule = 'in_segment("Rome") ? inner : ""';
  const settings = { sensitivity: 'internal' };
  await createComputedField(operator, 1, { name: 'shown', rule, settings });
  assert.equal(await sees(catalog, 'analyst', 'shown'), true);
  assert.equal((await readField(operator, 1, 'shown')).warnings.length, 1);
  await createComputedField(engineer, 1, { name: 'outer', rule: 'shown', settings: {} });
  assert.equal(await sees(catalog, 'analyst', 'outer'), true);

  const changes: readonly (readonly [
    change: () => Promise<unknown>,
    undo: () => Promise<unknown>,
  ])[] = [
    [
      () => editComputedField(engineer, 1, { name: 'inner', rule: 'notes', settings: {} }),
      () => editComputedField(engineer, 1, { name: 'inner', rule: 'city', settings: {} }),
    ],
    [
      () => editSegment(engineer, 1, { reference: 'Rome', rule: 'notes == "a"' }),
      () => editSegment(engineer, 1, { reference: 'Rome', rule: 'city == "Rome"' }),
    ],
    [
      () => updateField(engineer, 1, { name: 'city', settings: { sensitivity: 'sensitive' } }),
      () => updateField(operator, 1, { name: 'city', settings: { sensitivity: null } }),
    ],
    [
      () => editComputedField(engineer, 1, { name: 'shown', rule: 'notes', settings: {} }),
      () => editComputedField(engineer, 1, { name: 'shown', rule, settings: {} }),
    ],
  ];
  for (const [place, [change, undo]] of changes.entries()) {
    await change();
    assert.equal(await sees(catalog, 'analyst', 'shown'), false, `change ${place}`);
    assert.equal(await sees(catalog, 'analyst', 'outer'), false, `change ${place}`);
    const { warnings } = await readField(operator, 1, 'shown');
    assert.match(warnings.join(), /users see it as they see values that are/);
    await undo();
    assert.equal(await sees(catalog, 'analyst', 'shown'), true, `undone ${place}`);
  }
  await editComputedField(engineer, 1, { name: 'inner', rule: 'notes', settings: {} });
  await updateField(asUser('admin'), 1, { name: 'shown', settings });
  assert.equal(await sees(catalog, 'analyst', 'shown'), true);
});

test('a field does not take the values of another column along with its sensitivity', async () => {
  await using catalog = await inSaid();
  const { operator, asUser } = catalog;
  const define = (role: 'engineer' | 'admin', columns: Readonly<Record<string, string>>) => {
    const known = crm();
    const all = known.definition.columns.map(({ column, field }) => {
      return { column: columns[field] ?? column, field };
    });
    return defineDataset(asUser(role), 1, {
      ...{ ...known, fields: new Map(), force: true },
      definition: { ...known.definition, columns: all },
    });
  };
  await assert.rejects(define('engineer', { visits: 'cost', cost: 'visits' }), lowered);
  await assert.rejects(define('engineer', { visits: 'city', city: 'visits' }), lowered);
  await assert.rejects(define('engineer', { visits: 'diagnosis' }), lowered, 'of no field yet');
  await assert.rejects(define('engineer', { city: 'cost', cost: 'city' }), lowered);
  await define('engineer', { city: 'notes', notes: 'city' });
  await updateField(operator, 1, { name: 'born', settings: { sensitivity: 'internal' } });
  await define('engineer', { city: 'notes', notes: 'city', born: 'visits', visits: 'born' });
  await define('admin', { visits: 'diagnosis' });
});

test('a column with sensitive values identifies contacts only if an administrator says so', async () => {
  await using catalog = await inSaid();
  const known = crm();
  const identifiers = [
    ...known.definition.identifiers,
    { identityType: 'customer_key', column: 'cost' },
  ];
  const define = (role: 'engineer' | 'admin', isConfirmed: boolean) =>
    defineDataset(catalog.asUser(role, isConfirmed), 1, {
      ...{ ...known, fields: new Map(), force: true },
      definition: { ...known.definition, identifiers },
      newIdentityTypes: [{ name: 'customer_key', normalisation: 'exact' }],
    });
  await assert.rejects(define('engineer', true), lowered);
  await assert.rejects(define('admin', false), isProblem('confirmation_required', /identify/));
  await define('admin', true);
  // Nothing more is shown by what follows.
  await define('engineer', true);
});

test('a column stays as sensitive as the fields that it once filled', async () => {
  await using catalog = await inSaid();
  const engineer = catalog.asUser('engineer');
  const known = crm();
  const define = (
    costColumn: string,
    more: Partial<DatasetDefinition> = {},
    fields = new Map<string, FieldSettings>(),
  ) => {
    const columns = known.definition.columns.map((one) =>
      one.field === 'cost' ? { ...one, column: costColumn } : one,
    );
    const definition = { ...known.definition, columns: [...columns, ...(more.columns ?? [])] };
    return defineDataset(engineer, 1, {
      ...{ ...known, fields, force: true },
      definition: { ...definition, identifiers: more.identifiers ?? definition.identifiers },
      newIdentityTypes: [{ name: 'customer_key', normalisation: 'exact' }],
    });
  };
  await define('elsewhere');
  const key = { identityType: 'customer_key', column: 'cost' };
  await assert.rejects(
    define('elsewhere', { identifiers: [...known.definition.identifiers, key] }),
    lowered,
  );
  const price = { column: 'cost', field: 'price' };
  await assert.rejects(
    define('elsewhere', { columns: [price] }, new Map([['price', { type: 'string' }]])),
    lowered,
  );
  // Also when an administrator has removed the field.
  const others = known.definition.columns.filter(({ field }) => field !== 'cost');
  const without = { ...known.definition, columns: others };
  const request = { ...known, fields: new Map(), force: true };
  await defineDataset(catalog.asUser('admin'), 1, { ...request, definition: without });
  const identifiers = [...without.identifiers, key];
  await assert.rejects(
    defineDataset(engineer, 1, {
      ...{ ...request, definition: { ...without, identifiers } },
      newIdentityTypes: [{ name: 'customer_key', normalisation: 'exact' }],
    }),
    lowered,
  );
});

test('a sensitive field says that its column identifies contacts', async () => {
  await using catalog = await inSaid();
  const known = crm();
  const key = { identityType: 'customer_key', column: 'visits' };
  await defineDataset(catalog.operator, 1, {
    ...{ ...known, fields: new Map(), force: true },
    definition: { ...known.definition, identifiers: [...known.definition.identifiers, key] },
    newIdentityTypes: [{ name: 'customer_key', normalisation: 'exact' }],
  });
  const raised = { name: 'visits', settings: { sensitivity: 'sensitive' } } as const;
  const { warnings } = await updateField(catalog.asUser('engineer'), 1, raised);
  assert.match(warnings.join(), /visits identifies contacts as customer_key/);
  const { warnings: later } = await readField(catalog.operator, 1, 'visits');
  assert.deepEqual(later, warnings);
});

test('only an administrator defines who is told apart by sensitive fields', async () => {
  await using catalog = await inSaid();
  const { operator, asUser } = catalog;
  const marketer = asUser('marketer');
  const asking = isProblem('role_missing', /sensitive fields/);
  await createSegment(marketer, 1, { name: 'Rome', rule: 'city == "Rome"' });
  await assert.rejects(createSegment(marketer, 1, { name: 'Costly', rule: 'cost > 5' }), asking);
  await createComputedField(marketer, 1, { name: 'dear', rule: 'cost > 5.0', settings: {} });
  await assert.rejects(createSegment(marketer, 1, { name: 'Dear', rule: 'dear' }), asking);
  await createSegment(operator, 1, { name: 'Dear', rule: 'dear' });
  await assert.rejects(editSegment(marketer, 1, { reference: 'Rome', rule: 'dear' }), asking);
  await assert.rejects(editSegment(marketer, 1, { reference: 'Dear', rule: '!dear' }), asking);
  const edit = { name: 'dear', rule: 'cost > 6.0', settings: {} };
  await assert.rejects(editComputedField(marketer, 1, edit), asking);
  await editSegment(marketer, 1, { reference: 'Dear', description: 'who costs more' });
  await editSegment(asUser('admin'), 1, { reference: 'Dear', rule: '!dear' });
  const flow = { name: 'Spring', segment: 'Rome', otherwise: 'B' };
  const branches = (rule: string) => ({ ...flow, branches: [{ rule, variant: 'A' }] });
  await assert.rejects(createFlow(marketer, 1, branches('cost > 7')), asking);
  const made = await createFlow(marketer, 1, branches('visits > 7'));
  assert.equal(made.branches?.length, 1);
  const lower = { name: 'dear', settings: { sensitivity: 'internal' } };
  await updateField(asUser('admin'), 1, lower);
  await createSegment(marketer, 1, { name: 'Cheap', rule: '!dear' });
});
