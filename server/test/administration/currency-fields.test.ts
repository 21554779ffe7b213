/**
 * Fields with their own currency: what can be set, and that existing amounts get another currency
 * only with force.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { applyCatalog, exportCatalog } from '../../src/administration/document/apply-catalog.ts';
import { listFields, readField, updateField } from '../../src/administration/fields.ts';
import { listFollowingFields, updateOrganization } from '../../src/administration/organizations.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { type CatalogForTest, inCatalog, isProblem, problemPaths, startMs } from './in-catalog.ts';

type Settings = Readonly<Record<string, { readonly type: string; readonly currency?: string }>>;

function crm(fields: Settings) {
  return {
    name: 'crm',
    definition: {
      ...usualDefinition,
      identifiers: [{ identityType: 'email', column: 'Mail' }],
      columns: Object.keys(fields).map((field) => ({ column: field, field })),
    },
    fields: new Map(Object.entries(fields)),
  };
}

const amounts = crm({
  spend: { type: 'currency' },
  refund: { type: 'currency', currency: 'EUR' },
  visits: { type: 'integer' },
});

async function withRun({ operator }: CatalogForTest): Promise<number> {
  const { dataset } = await defineDataset(operator, 1, amounts);
  await operator.catalog.startRun({
    ...{ id: 'run', organizationId: 1, datasetId: dataset.id, definitionVersion: 1 },
    ...{ startedAtMs: startMs, kind: 'import', trigger: 'command', approvalOf: null },
  } as const);
  return dataset.id;
}

test('a currency is an ISO 4217 code, and only amounts have one', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const wrong = crm({
    a: { type: 'currency', currency: 'EURO' },
    b: { type: 'currency', currency: 'XTS' },
    c: { type: 'integer', currency: 'EUR' },
  });
  assert.deepEqual(await problemPaths(defineDataset(operator, 1, wrong)), [
    '/fields/a/currency',
    '/fields/b/currency',
    '/fields/c/currency',
  ]);
  const { fields } = await defineDataset(
    operator,
    1,
    crm({ a: { type: 'currency', currency: 'eur' } }),
  );
  assert.equal(fields.get('a')?.currency, 'EUR');
  await assert.rejects(
    updateField(operator, 1, { name: 'a', settings: { currency: 'nix' } }),
    isProblem('definition_invalid', /ISO 4217/),
  );
  const retyped = await updateField(operator, 1, { name: 'a', settings: { type: 'float' } });
  assert.equal(retyped.currency, null);
});

test('before the first row, a currency can be set and removed freely', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await defineDataset(operator, 1, amounts);
  const set = await updateField(operator, 1, { name: 'spend', settings: { currency: 'JPY' } });
  assert.equal(set.currency, 'JPY');
  const cleared = await updateField(operator, 1, { name: 'spend', settings: { currency: null } });
  assert.equal(cleared.currency, null);
  const listed = await listFields(operator, 1);
  assert.equal(listed.find(({ name }) => name === 'refund')?.currency, 'EUR');
});

test('existing amounts get another currency only with force, and are then read again', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await withRun(catalog);
  const version = async () =>
    (await operator.catalog.read((view) => view.findDataset(1, 'crm')))?.definitionVersion ?? 0;
  const before = await version();
  const wanted = { name: 'spend', settings: { currency: 'EUR' } };
  await assert.rejects(updateField(operator, 1, wanted), (error: unknown) => {
    assert.ok(isProblem('approval_required', /in another currency, unconverted/)(error));
    const [use] = (error as { members: { uses: { change: string }[] } }).members.uses;
    return use?.change === 'relabelled';
  });
  assert.equal(await version(), before);
  assert.equal((await updateField(operator, 1, { ...wanted, force: true })).currency, 'EUR');
  assert.ok((await version()) > before, 'the next run reads every row');
  const retried = crm({
    ...Object.fromEntries(amounts.fields),
    refund: { type: 'currency', currency: 'USD' },
  });
  await assert.rejects(defineDataset(operator, 1, retried), isProblem('approval_required'));
  await defineDataset(operator, 1, { ...retried, force: true });
});

test("naming the organization's currency in a field changes no amount", async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await withRun(catalog);
  const set = await updateField(operator, 1, { name: 'spend', settings: { currency: 'USD' } });
  assert.equal(set.currency, 'USD');
});

test('a new currency of an organization applies to fields without one, and these are reported', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await withRun(catalog);
  assert.deepEqual(await listFollowingFields(operator, 1), ['spend']);
  const tried = await applyCatalog(operator, 1, {
    ...{ prune: false, force: false, dryRun: true, sectionsOf: async () => 0 },
    document: { version: 1, organization: { currency: 'GBP' } },
  });
  assert.deepEqual(tried.relabelled, ['spend']);
  await updateOrganization(operator, 1, { settings: { currency: 'GBP' } });
  assert.equal((await readField(operator, 1, 'spend')).currency, null);
  assert.equal((await readField(operator, 1, 'refund')).currency, 'EUR');
});

test('the catalog document sets and removes the currency of a field', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await defineDataset(operator, 1, amounts);
  const fieldsOf = async () => {
    const { datasets } = (await exportCatalog(operator, 1)) as {
      datasets: { crm: { fields: Record<string, unknown> } };
    };
    return datasets.crm.fields;
  };
  assert.deepEqual((await fieldsOf())['refund'], { type: 'currency', currency: 'EUR' });
  assert.deepEqual((await fieldsOf())['spend'], { type: 'currency' });
  const document = (await exportCatalog(operator, 1)) as { datasets: { crm: object } };
  const apply = (fields: object) =>
    applyCatalog(operator, 1, {
      ...{ prune: false, force: false, dryRun: false, sectionsOf: async () => 0 },
      document: {
        ...document,
        datasets: { crm: { ...document.datasets.crm, fields } },
      },
    });
  await apply({ refund: { type: 'currency', currency: null }, spend: { currency: 'JPY' } });
  assert.deepEqual((await fieldsOf())['refund'], { type: 'currency' });
  assert.deepEqual((await fieldsOf())['spend'], { type: 'currency', currency: 'JPY' });
});
