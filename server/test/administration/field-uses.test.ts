/** A field that tokens use is turned off, dropped or retyped only with force. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineDataset } from '../../src/administration/dataset/define-dataset.ts';
import { applyCatalog } from '../../src/administration/document/apply-catalog.ts';
import { updateField } from '../../src/administration/fields.ts';
import { createToken, revokeToken } from '../../src/administration/token/tokens.ts';
import { builtInFieldId } from '../../src/domain/contact/field.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { UsherError } from '../../src/domain/errors.ts';
import { type CatalogForTest, dayMs, inCatalog, startMs } from './in-catalog.ts';

const today = Math.floor(startMs / dayMs);

function crm(fields: Readonly<Record<string, string>>) {
  return {
    name: 'crm',
    definition: {
      ...usualDefinition,
      identifiers: [{ identityType: 'email', column: 'Mail' }],
      columns: Object.keys(fields).map((field) => ({ column: field, field })),
    },
    fields: new Map(Object.entries(fields).map(([field, type]) => [field, { type }])),
  };
}

/** A dataset with two fields. A token read `city` on this day. */
async function withReader(catalog: CatalogForTest, day: number): Promise<string> {
  const { operator } = catalog;
  const { fields } = await defineDataset(operator, 1, crm({ city: 'string', visits: 'integer' }));
  const { token } = await createToken(operator, 1, { createdBy: 'ann@example.com', name: 'site' });
  const tokens = await operator.catalog.read((view) => view.listTokens(1));
  const tokenRowId = tokens[0]?.rowId ?? 0;
  await operator.catalog.recordFieldReads([
    { tokenRowId, fieldId: fields.get('city')?.id ?? 0, day },
  ]);
  return token.id;
}

async function usesIn(attempt: Promise<unknown>): Promise<readonly Record<string, unknown>[]> {
  const error = await attempt.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof UsherError && error.code === 'approval_required', String(error));
  return error.members['uses'] as readonly Record<string, unknown>[];
}

const contentOff = { name: 'city', settings: { content: false } };

test('turning a field off names the tokens that read it, and needs force', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const id = await withReader(catalog, today - 3);
  const [use, ...others] = await usesIn(updateField(operator, 1, contentOff));
  assert.deepEqual(others, []);
  assert.deepEqual([use?.['field'], use?.['change']], ['city', 'content_off']);
  const [reader] = (use?.['tokens'] ?? []) as Record<string, unknown>[];
  assert.equal(reader?.['id'], id);
  assert.equal(reader?.['name'], 'site');
  assert.equal(reader?.['created_by'], 'ann@example.com');
  assert.match(String(reader?.['last_characters']), /^[0-9A-Za-z]{3}$/);
  const forced = await updateField(operator, 1, { ...contentOff, force: true });
  assert.equal(forced.content, false);
});

test('a field that no live token read in the last 30 days needs no force', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await withReader(catalog, today - 31);
  const visits = { name: 'visits', settings: { content: false } };
  assert.equal((await updateField(operator, 1, visits)).content, false);
  assert.equal((await updateField(operator, 1, contentOff)).content, false);
});

test('a revoked token uses no field', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const id = await withReader(catalog, today);
  await usesIn(updateField(operator, 1, contentOff));
  await revokeToken(operator, 1, { reference: id });
  assert.equal((await updateField(operator, 1, contentOff)).content, false);
});

test('dropping or retyping a field in use needs force', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await withReader(catalog, today);
  const without = crm({ visits: 'integer' });
  const revision = await operator.catalog.readRevision();
  const changesOf = async (request: Parameters<typeof defineDataset>[2]) =>
    (await usesIn(defineDataset(operator, 1, request))).map((use) => use['change']);
  assert.deepEqual(await changesOf(without), ['dropped']);
  assert.deepEqual(await changesOf(crm({ city: 'text', visits: 'integer' })), ['retyped']);
  assert.equal(await operator.catalog.readRevision(), revision, 'the refused change did nothing');
  const kept = await defineDataset(operator, 1, { ...without, keepsOthers: true });
  assert.deepEqual([...kept.fields.keys()], ['city', 'visits']);
  const dropped = await defineDataset(operator, 1, { ...without, force: true });
  assert.deepEqual([...dropped.fields.keys()], ['visits']);
});

test('turning off a built-in field in use needs force, over every interface', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await withReader(catalog, today);
  const tokens = await operator.catalog.read((view) => view.listTokens(1));
  const fieldId = builtInFieldId('campaigns_received');
  await operator.catalog.recordFieldReads([
    { tokenRowId: tokens[0]?.rowId ?? 0, fieldId, day: today },
  ]);
  const off = { name: 'campaigns_received', settings: { content: false } };
  const [use] = await usesIn(updateField(operator, 1, off));
  assert.deepEqual([use?.['field'], use?.['change']], ['campaigns_received', 'content_off']);
  const apply = (force: boolean) =>
    applyCatalog(operator, 1, {
      ...{ prune: false, dryRun: false, force, sectionsOf: async () => 0 },
      document: { version: 1, built_in_content: { campaigns_received: false } },
    });
  assert.equal((await usesIn(apply(false))).length, 1);
  await apply(true);
  const again = await updateField(operator, 1, { ...off, settings: { content: true } });
  assert.equal(again.content, true, 'turning a field on needs no force');
  assert.equal((await updateField(operator, 1, { ...off, force: true })).content, false);
  const unread = { name: 'journey_membership', settings: { content: false } };
  assert.equal((await updateField(operator, 1, unread)).content, false);
});
