/** A catalog document is applied completely or not at all, and its export is equal to it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Administration } from '../../src/administration/administration.ts';
import { listDatasets, listDatasetVersions } from '../../src/administration/dataset/datasets.ts';
import {
  type ApplyRequest,
  applyCatalog,
  exportCatalog,
} from '../../src/administration/document/apply-catalog.ts';
import { listFields, updateField } from '../../src/administration/fields.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import { inCatalog, isProblem, problemPaths } from './in-catalog.ts';

const customers = {
  kind: 'contact',
  source: { kind: 'file', paths: ['/data/customers.csv'] },
  identifiers: { email: 'EmailAddress', customer_key: 'CustomerKey' },
  mode: 'snapshot',
  schedule: { cron: '0 4 * * *', time_zone: 'Europe/Berlin' },
  max_age: { after: '36h', policy: 'withhold' },
  fields: {
    first_name: { column: 'FirstName', type: 'string' },
    income: { column: 'Income', type: 'currency', format: { decimal_comma: true }, content: false },
  },
};

const whole = {
  version: 1,
  organization: { currency: 'EUR', time_zone: 'Europe/Berlin' },
  identity_types: { customer_key: 'exact' },
  built_in_content: { segment_membership: true },
  datasets: { customers },
};

function apply(administration: Administration, document: unknown, how: Partial<ApplyRequest> = {}) {
  const usual = { prune: false, force: false, dryRun: false, sectionsOf: async () => 0 };
  return applyCatalog(administration, 1, { ...usual, ...how, document });
}

test('a document is applied in one change, and the same again changes nothing', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const revision = await operator.catalog.readRevision();
  const tried = await apply(operator, whole, { dryRun: true });
  assert.equal(await operator.catalog.readRevision(), revision, 'a dry run changes nothing');
  const applied = await apply(operator, whole, { revision: tried.revision });
  assert.deepEqual(applied, tried);
  assert.deepEqual(applied.differences.map(({ path }) => path).toSorted(), [
    ...['/built_in_content', '/datasets', '/identity_types', '/organization/currency'],
    '/organization/time_zone',
  ]);
  assert.equal(await operator.catalog.readRevision(), revision + 1, 'one change');
  assert.deepEqual((await apply(operator, whole)).differences, []);
  const exported = await exportCatalog(operator, 1);
  assert.deepEqual((await apply(operator, exported)).differences, []);
  assert.equal(await operator.catalog.readRevision(), revision + 1);
  const [field] = (await listFields(operator, 1)).filter(({ name }) => name === 'income');
  assert.deepEqual([field?.type, field?.content, field?.dataset], ['currency', false, 'customers']);
});

test('a document with the old kind lookup is applied as reference, and changes nothing again', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const old = { version: 1, datasets: { products: { kind: 'lookup', key: 'sku' } } };
  await apply(operator, old);
  const revision = await operator.catalog.readRevision();
  const exported = (await exportCatalog(operator, 1)) as typeof old;
  assert.equal(exported.datasets.products.kind, 'reference');
  for (const document of [old, exported]) {
    assert.deepEqual((await apply(operator, document)).differences, []);
  }
  assert.equal(await operator.catalog.readRevision(), revision);
});

test('a document with problems changes nothing, and all problems are reported', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const revision = await operator.catalog.readRevision();
  const wrong = {
    version: 2,
    organisation: {},
    datasets: {
      one: { identifiers: { email: 'E' }, fields: { city: { type: 'strnig' } } },
      two: { identifiers: { nobody: 'E' }, max_change_share: 0.1 },
      three: { identifiers: { email: 'E' }, schedule: { cron: '* * * * * *' } },
    },
  };
  assert.deepEqual((await problemPaths(apply(operator, wrong))).toSorted(), [
    ...['/datasets/one/fields/city/type', '/datasets/three/schedule'],
    ...['/datasets/three/schedule/cron', '/datasets/two/identifiers/nobody'],
    ...['/organisation', '/version'],
  ]);
  assert.equal(await operator.catalog.readRevision(), revision);
});

test('definitions that the document does not name are removed only with prune', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await apply(operator, whole);
  const { income: _, ...fields } = customers.fields;
  const identifiers = { email: 'EmailAddress' };
  const smaller = { version: 1, datasets: { customers: { ...customers, identifiers, fields } } };
  const kept = await apply(operator, smaller);
  assert.deepEqual(kept.kept, [
    '/identity_types/customer_key',
    '/datasets/customers/fields/income',
  ]);
  assert.deepEqual(
    kept.differences.map(({ path }) => path),
    ['/datasets/customers/identifiers'],
  );
  const exported = (await exportCatalog(operator, 1)) as typeof whole;
  assert.deepEqual(exported.datasets.customers.fields, customers.fields, 'with its column');
  const pruned = await apply(operator, smaller, { prune: true });
  assert.deepEqual(pruned.kept, []);
  assert.deepEqual(
    pruned.differences.map(({ path, after }) => [path, after]),
    [
      ['/datasets/customers/fields/income', undefined],
      ['/identity_types', undefined],
    ],
  );
  const empty = { version: 1 };
  const held = { prune: true, sectionsOf: async () => 7 };
  assert.deepEqual(await problemPaths(apply(operator, empty, held)), ['/datasets']);
  await apply(operator, empty, { prune: true });
  assert.deepEqual(await listDatasets(operator, 1), []);
});

test('a decision on outdated differences is refused', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const { revision } = await apply(operator, whole, { dryRun: true });
  await apply(operator, { version: 1, identity_types: { user_id: 'exact' } });
  const late = apply(operator, whole, { revision });
  await assert.rejects(late, isProblem('revision_conflict'));
  assert.deepEqual(await listDatasets(operator, 1), []);
});

test('a flag that the document does not name keeps its value', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await apply(operator, whole);
  await updateField(operator, 1, { name: 'first_name', settings: { content: false } });
  const again = await apply(operator, whole);
  assert.deepEqual(again.differences, []);
  const said = {
    ...customers,
    fields: { ...customers.fields, first_name: { ...customers.fields.first_name, content: true } },
  };
  const on = await apply(operator, { version: 1, datasets: { customers: said } });
  assert.equal(on.differences.length, 1);
});

test('each commit lists its changes, and rows are read again only if their meaning changes', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const commit = (changes: object) =>
    apply(operator, { ...whole, datasets: { customers: { ...customers, ...changes } } });
  await commit({});
  await commit({ schedule: { cron: '0 5 * * *', time_zone: 'UTC' }, max_change_share: 0.5 });
  await commit({ skip: ['Notes'] });
  const text = { ...customers.fields.first_name, type: 'text' };
  await commit({ skip: ['Notes'], fields: { ...customers.fields, first_name: text } });
  const versions = await listDatasetVersions(operator, 1, 'customers');
  assert.deepEqual(
    versions.map(({ version, definition_version, differences }) => [
      ...[version, definition_version],
      differences.map(({ path }) => path).toSorted(),
    ]),
    [
      [4, 3, ['/fields/first_name/type']],
      // The document resets the share and the schedule that were changed before.
      [3, 2, ['/max_change_share', '/schedule/cron', '/schedule/time_zone', '/skip']],
      [2, 1, ['/max_change_share', '/schedule/cron', '/schedule/time_zone']],
      [1, 1, []],
    ],
  );
});

test('a token defines datasets, but not their sources', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await apply(operator, whole);
  const scopes = ['admin:read', 'admin:write'];
  const made = await createToken(operator, 1, { createdBy: 'ana@example.com', scopes });
  const caller = await catalog.asToken(made.token.id);
  const withSource = (source: unknown) =>
    apply(caller, {
      version: 1,
      datasets: { customers: { ...customers, source, mode: 'append' } },
    });
  const other = { kind: 'file', paths: ['/etc/passwd'] };
  await assert.rejects(withSource(other), isProblem('scope_missing', /operator/));
  const http = { kind: 'http', url: 'http://169.254.169.254/x.csv' };
  await assert.rejects(withSource(http), isProblem('scope_missing'));
  assert.equal((await withSource(customers.source)).differences.length, 1);
  const pushed = { identifiers: { email: 'email' }, source: { kind: 'push' } };
  const push = { version: 1, datasets: { pushed } };
  assert.equal((await apply(caller, push)).differences.length, 1);
});
