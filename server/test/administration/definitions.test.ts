/**
 * Organizations, fields, identity types and datasets: what can be defined, by whom, and that
 * repeating a request changes nothing.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DatasetRequest } from '../../src/administration/dataset/dataset-request.ts';
import { listDatasets } from '../../src/administration/dataset/datasets.ts';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { listFields, readField, updateField } from '../../src/administration/fields.ts';
import {
  createIdentityType,
  deleteIdentityType,
  listIdentityTypes,
} from '../../src/administration/identity-types.ts';
import { listAudit } from '../../src/administration/list-audit.ts';
import {
  createOrganization,
  findOrganizationId,
  listOrganizations,
  readOrganization,
  updateOrganization,
} from '../../src/administration/organizations.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import type { FieldType } from '../../src/domain/contact/field.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { inCatalog, isProblem, problemPaths } from './in-catalog.ts';

const createdBy = 'ana@example.com';

test('the limit of an organization is raised in one step, within its range', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const set = (rateLimit: number) => updateOrganization(operator, 1, { settings: { rateLimit } });
  assert.equal((await set(200)).rate_limit, 200);
  assert.equal(
    (await operator.catalog.loadState()).organizations.get(1)?.organization.rateLimit,
    200,
  );
  for (const wrong of [0, -1, 1.5, 100_001, Number.NaN]) {
    assert.deepEqual(await problemPaths(set(wrong)), ['/rate_limit'], String(wrong));
  }
  assert.equal((await set(100_000)).rate_limit, 100_000);
});

test('all problems of organization settings are reported at once', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const wrong = updateOrganization(operator, 1, {
    settings: {
      ...{ currency: 'XYZ', locale: 'not a locale', timeZone: 'Mars/Olympus' },
      ...{ unknownContactStatus: 410, tokenPoolMax: 0, tokenMaxAgeDays: 0 },
    },
  });
  assert.deepEqual((await problemPaths(wrong)).toSorted(), [
    ...['/currency', '/locale', '/time_zone', '/token_max_age_days', '/token_pool_max'],
    '/unknown_contact_status',
  ]);
  const right = await updateOrganization(operator, 1, {
    settings: {
      currency: 'eur',
      locale: 'de-de',
      timeZone: 'Europe/Berlin',
      unknownContactStatus: 400,
    },
  });
  assert.deepEqual(
    [right.currency, right.locale, right.time_zone, right.unknown_contact_status],
    ['EUR', 'de-DE', 'Europe/Berlin', 400],
  );
  const utc = await updateOrganization(operator, 1, { settings: { timeZone: 'Z' } });
  assert.equal(utc.time_zone, 'Z');
});

test('setting a value that is already set changes nothing', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const revision = await operator.catalog.readRevision();
  await updateOrganization(operator, 1, { settings: { currency: 'USD', rateLimit: 50 } });
  await updateField(operator, 1, { name: 'recent_events', settings: { content: false } });
  assert.equal(await operator.catalog.readRevision(), revision);
  assert.deepEqual(await listAudit(operator, 1, { limit: 10 }), []);
});

test('only the operator creates and lists organizations, or raises a rate limit', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const second = await createOrganization(operator, 'second', { currency: 'EUR' });
  assert.equal(second.currency, 'EUR');
  assert.equal(await findOrganizationId(operator, 'second'), second.id);
  await assert.rejects(createOrganization(operator, 'second'), isProblem('name_taken'));
  assert.deepEqual(await problemPaths(createOrganization(operator, 'Se cond')), ['/name']);
  await assert.rejects(findOrganizationId(operator, 'third'), isProblem('resource_not_found'));

  const scopes = ['admin:read', 'admin:write'];
  const { token } = await createToken(operator, 1, { createdBy, scopes });
  const caller = await catalog.asToken(token.id);
  await assert.rejects(listOrganizations(caller), isProblem('scope_missing', /command line/));
  await assert.rejects(createOrganization(caller, 'third'), isProblem('scope_missing'));
  const faster = updateOrganization(caller, 1, { settings: { rateLimit: 51 } });
  await assert.rejects(faster, isProblem('scope_missing', /command line/));
  const slower = await updateOrganization(caller, 1, { settings: { rateLimit: 10 } });
  assert.equal(slower.rate_limit, 10);
  assert.equal((await readOrganization(caller, 1)).name, 'default');
  await assert.rejects(readOrganization(caller, second.id), isProblem('resource_not_found'));
});

test('one change creates a dataset with its fields and types, and the same again changes nothing', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const request = datasetRequest('crm', { first_name: 'string', visits: 'integer' });
  const made = await defineDataset(operator, 1, {
    ...request,
    newIdentityTypes: [{ name: 'user_id', normalisation: 'exact' }],
  });
  assert.deepEqual([...made.fields.keys()], ['first_name', 'visits']);
  assert.equal(made.fields.get('visits')?.content, true);
  assert.equal(made.dataset.definitionVersion, 1);
  const revision = await operator.catalog.readRevision();
  assert.equal(revision, 2, 'one change');
  const again = await defineDataset(operator, 1, {
    ...request,
    newIdentityTypes: [{ name: 'user_id', normalisation: 'exact' }],
  });
  assert.deepEqual(again, made);
  assert.equal(await operator.catalog.readRevision(), revision);
  const retyped = datasetRequest('crm', { first_name: 'text', visits: 'integer' });
  const changed = await defineDataset(operator, 1, retyped);
  assert.equal(changed.fields.get('first_name')?.type, 'text');
  assert.equal(changed.fields.get('first_name')?.id, made.fields.get('first_name')?.id);
  assert.equal((await listDatasets(operator, 1)).length, 1);
});

test('a dataset with problems is not created, and all problems are reported', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await defineDataset(operator, 1, datasetRequest('crm', { city: 'string' }));
  const revision = await operator.catalog.readRevision();
  const request = datasetRequest('Shop', {
    ...{ city: 'string', recent_events: 'set', Upper: 'string' },
  });
  const { definition } = request;
  const identifiers = [
    { identityType: 'nothing', column: 'x' },
    { identityType: 'id', column: 'y' },
  ];
  const wrong = defineDataset(operator, 1, {
    ...request,
    definition: { ...definition, identifiers },
  });
  assert.deepEqual((await problemPaths(wrong)).toSorted(), [
    ...['/fields/Upper', '/fields/city', '/fields/recent_events', '/identifiers/id'],
    ...['/identifiers/nothing', '/name'],
  ]);
  assert.equal(await operator.catalog.readRevision(), revision);
  const foreign = defineDataset(operator, 1, datasetRequest('shop', { city: 'string' }));
  await assert.rejects(foreign, isProblem('definition_invalid', /dataset crm fills/));
});

test('the type of a field can change only while the field is empty', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const { dataset } = await defineDataset(
    operator,
    1,
    datasetRequest('crm', { visits: 'integer' }),
  );
  const set = (type: string) => updateField(operator, 1, { name: 'visits', settings: { type } });
  assert.equal((await set('big integer')).implied_value, '0');
  assert.deepEqual(await problemPaths(set('number')), ['/type']);
  const run = {
    id: 'r1',
    organizationId: 1,
    datasetId: dataset.id,
    kind: 'import',
    trigger: 'command',
    definitionVersion: 1,
    approvalOf: null,
    startedAtMs: 1,
  } as const;
  await operator.catalog.startRun(run);
  await assert.rejects(
    set('float'),
    isProblem('definition_invalid', /--rename COLUMN=NEW_FIELD --type NEW_FIELD=float/),
  );
});

test('the implied value of a field is a value of its type', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await defineDataset(operator, 1, datasetRequest('crm', { visits: 'integer', tags: 'set' }));
  const set = async (name: string, impliedValue: unknown) =>
    (await updateField(operator, 1, { name, settings: { impliedValue } })).implied_value;
  assert.equal((await readField(operator, 1, 'visits')).implied_value, 0);
  assert.equal(await set('visits', 7), 7);
  assert.equal(await set('visits', null), null);
  assert.deepEqual(await set('tags', []), []);
  assert.deepEqual(await set('tags', ['a', 'b']), ['a', 'b']);
  assert.deepEqual(await problemPaths(set('visits', 'many')), ['/implied_value']);
  assert.deepEqual(await problemPaths(set('visits', '')), ['/implied_value']);
});

test('only the content flag of a built-in field can be set', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const on = await updateField(operator, 1, {
    name: 'segment_membership',
    settings: { content: true },
  });
  assert.equal(on.content, true);
  assert.equal(on.built_in, true);
  const named = { name: 'segment_membership', settings: { displayName: 'Segments', type: 'set' } };
  assert.deepEqual(await problemPaths(updateField(operator, 1, named)), ['/display_name', '/type']);
  const names = (await listFields(operator, 1)).map(({ name }) => name);
  assert.equal(names.length, 6);
  const unknown = updateField(operator, 1, { name: '__proto__', settings: {} });
  await assert.rejects(unknown, isProblem('resource_not_found'));
});

test('an identity type is added once, and removed only if nothing uses it', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await createIdentityType(operator, 1, { name: 'phone', normalisation: 'phone' });
  await createIdentityType(operator, 1, { name: 'user_id' });
  for (const name of ['user_id', 'email', 'simonid']) {
    const attempt = createIdentityType(operator, 1, { name });
    await assert.rejects(attempt, isProblem('name_taken'), name);
  }
  const wrong = createIdentityType(operator, 1, { name: 'User', normalisation: 'contact-id' });
  assert.deepEqual(await problemPaths(wrong), ['/name', '/normalisation']);
  await defineDataset(operator, 1, {
    ...datasetRequest('crm', {}),
    definition: {
      ...usualDefinition,
      identifiers: [{ identityType: 'user_id', column: 'no' }],
      columns: [],
      format: {},
    },
  });
  const { token } = await createToken(operator, 1, { createdBy, identityTypes: ['phone'] });
  const inUse = (name: string, words: RegExp) =>
    assert.rejects(
      deleteIdentityType(operator, 1, { reference: name }),
      isProblem('definition_invalid', words),
    );
  await inUse('user_id', /dataset crm/);
  await inUse('phone', new RegExp(`token ${token.id}`));
  await inUse('email', /built in/);
  await createIdentityType(operator, 1, { name: 'unused' });
  await deleteIdentityType(operator, 1, { reference: 'unused' });
  const names = (await listIdentityTypes(operator, 1)).map(({ name }) => name);
  assert.deepEqual(names, ['id', 'simonid', 'email', 'email-hash', 'phone', 'user_id']);
  const gone = deleteIdentityType(operator, 1, { reference: 'unused' });
  await assert.rejects(gone, isProblem('resource_not_found'));
});

function datasetRequest(name: string, types: Readonly<Record<string, FieldType>>): DatasetRequest {
  const fields = Object.keys(types);
  return {
    name,
    definition: {
      ...usualDefinition,
      identifiers: [{ identityType: 'email', column: 'E-Mail' }],
      columns: fields.map((field) => ({ column: field.toUpperCase(), field })),
      format: { kind: 'csv' },
    },
    fields: new Map(Object.entries(types).map(([field, type]) => [field, { type }])),
  };
}
