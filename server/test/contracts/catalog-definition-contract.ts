/** What every catalog promises about segments, computed fields, and the history of both. */
import assert from 'node:assert/strict';
import type { Catalog, CatalogChange } from '../../src/catalog/catalog.ts';
import { noDatasetId } from '../../src/domain/contact/field.ts';
import type { RuleText } from '../../src/domain/rule/rule-text.ts';
import {
  type AddPromise,
  addDataset,
  addOrganization,
  addToken,
  author,
  entry,
  field,
  token,
} from '../catalog/catalog-samples.ts';

const rule: RuleText = [{ kind: 'field', id: 1 }, ' == "New York"'];

export function catalogDefinitionContract(promise: AddPromise): void {
  segments(promise);
  computedFields(promise);
  edits(promise);
  revisions(promise);
}

function change<T>(catalog: Catalog, work: (to: CatalogChange) => Promise<T>, organizationId = 1) {
  return catalog.change(author, async (to) => ({
    result: await work(to),
    audit: [entry(organizationId, 'definitions', null)],
  }));
}

function insert(catalog: Catalog, name: string, id?: number) {
  const segment = { name, description: null, rule, ...(id !== undefined && { id }) };
  return change(catalog, (to) => to.insertSegment(1, segment));
}

const listed = (catalog: Catalog) => catalog.read((view) => view.listSegments(1));

function segments(promise: AddPromise): void {
  promise('segments are inserted, replaced and deleted', async ({ catalog }) => {
    const made = await insert(catalog, 'New Yorkers');
    assert.deepEqual(made, { id: 1, name: 'New Yorkers', description: null, rule });
    assert.deepEqual(await listed(catalog), [made]);
    const edited = { id: 1, name: 'People of NY', description: 'by city', rule: ['true'] };
    await change(catalog, (to) => to.updateSegment(1, edited));
    assert.deepEqual(await listed(catalog), [edited]);
    const state = await catalog.loadState();
    assert.deepEqual(state.organizations.get(1)?.definitions.segments.get(1), edited);
    const second = await addOrganization(catalog, 'second');
    assert.deepEqual(await catalog.read((view) => view.listSegments(second)), []);
    await change(catalog, (to) => to.deleteSegment(1, 1));
    assert.deepEqual(await listed(catalog), []);
  });

  promise('the id of a segment is never given to another one', async ({ catalog }) => {
    assert.equal((await insert(catalog, 'a')).id, 1);
    await change(catalog, (to) => to.deleteSegment(1, 1));
    assert.equal((await insert(catalog, 'b')).id, 2);
    assert.equal((await insert(catalog, 'c', 40)).id, 40, 'an id that the caller chose');
    assert.equal((await insert(catalog, 'd', 12)).id, 12);
    assert.equal((await insert(catalog, 'e')).id, 41);
    assert.deepEqual(
      (await listed(catalog)).map(({ name }) => name),
      ['b', 'd', 'c', 'e'],
    );
    await assert.rejects(insert(catalog, 'f', 40), 'an id is used once');
    await assert.rejects(insert(catalog, 'e'), 'a name is used once');
  });
}

function computedFields(promise: AddPromise): void {
  promise('a computed field keeps its rule and has no dataset', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    const computed = { ...field('tier'), datasetId: noDatasetId, rule };
    const fields = () => catalog.read((view) => view.listFields(1));
    await change(catalog, (to) => to.insertFields(1, [field('city'), computed]));
    assert.deepEqual(await fields(), [
      { ...field('city'), id: 1 },
      { ...computed, id: 2 },
    ]);
    const lowered = [[1, 'personal'] as const, [3, null] as const];
    const edited = { ...computed, id: 2, rule: ['true'], lowered };
    await change(catalog, (to) => to.updateField(1, edited));
    assert.deepEqual((await fields())[1], edited);
    await change(catalog, (to) => to.deleteField(1, 'tier'));
    assert.equal((await fields()).length, 1);
  });
}

function edits(promise: AddPromise): void {
  promise('edits of a definition are kept, newest first, also of a removed one', async (opened) => {
    const { catalog } = opened;
    const key = { kind: 'segment', id: 7 } as const;
    const first = { before: null, after: { name: 'a' } };
    const steps = [
      first,
      { before: { name: 'a' }, after: { name: 'b' } },
      { before: { name: 'b' }, after: null },
    ];
    for (const step of steps) await change(catalog, (to) => to.recordEdit(1, key, step));
    await change(catalog, (to) => to.recordEdit(1, { kind: 'computed_field', id: 7 }, first));
    const kept = await catalog.read((view) => view.listEdits(1, key));
    const numbered = steps.map((step, index) => ({ number: index + 1, ...step }));
    assert.deepEqual(
      kept,
      numbered.toReversed().map((step) => ({ ...step, author: 'operator:test', atMs: 1_000 })),
    );
    const none = await catalog.read((view) => view.listEdits(1, { ...key, id: 8 }));
    assert.deepEqual(none, []);
  });
}

function revisions(promise: AddPromise): void {
  promise('changes of tokens alone leave the definitions as they are', async ({ catalog }) => {
    await insert(catalog, 'a');
    const before = await catalog.loadState();
    await addToken(catalog, token('aaaaaaaaaaaa'));
    const after = await catalog.loadState(before);
    const [one, other] = [before, after].map(({ organizations }) => organizations.get(1));
    assert.notEqual(one?.revision, other?.revision);
    assert.equal(one?.definitions, other?.definitions, 'the same object');
    const fresh = await catalog.loadState();
    assert.equal(fresh.organizations.get(1)?.definitions.revision, one?.definitions.revision);
  });

  promise(
    'a definition that did not change is the same object in the next state',
    async ({ catalog }) => {
      await change(catalog, async (to) => {
        await to.insertDataset(1, 'crm', 0);
        await to.insertFields(1, [field('city')]);
      });
      const [kept, edited] = [await insert(catalog, 'kept'), await insert(catalog, 'edited')];
      const before = await catalog.loadState();
      await change(catalog, (to) => to.updateSegment(1, { ...edited, rule: ['false'] }));
      const after = await catalog.loadState(before);
      const [one, other] = [before, after].map(({ organizations }) => organizations.get(1));
      const segmentIn = (state: typeof one, id: number) => state?.definitions.segments.get(id);
      assert.deepEqual(segmentIn(other, kept.id), kept);
      assert.equal(segmentIn(one, kept.id), segmentIn(other, kept.id));
      assert.deepEqual(segmentIn(one, edited.id)?.rule, rule);
      assert.deepEqual(segmentIn(other, edited.id)?.rule, ['false']);
      assert.equal(one?.fields.get('city'), other?.fields.get('city'));
    },
  );

  promise('any other change gives the definitions a new revision', async ({ catalog }) => {
    const second = await addOrganization(catalog, 'second');
    const works: readonly ((to: CatalogChange) => Promise<unknown>)[] = [
      (to) => to.insertDataset(1, 'crm', 0),
      (to) => to.insertFields(1, [field('city')]),
      (to) => to.insertSegment(1, { name: 'a', description: null, rule }),
      (to) => to.setBuiltInContent(1, 'segment_membership', true),
    ];
    for (const work of works) {
      const before = await catalog.loadState();
      await change(catalog, work);
      const after = await catalog.loadState(before);
      const [one, other] = [before, after].map((state) => state.organizations.get(1)?.definitions);
      assert.equal(other?.revision, after.revision);
      assert.notEqual(one, other);
      const foreign = [before, after].map((state) => state.organizations.get(second)?.definitions);
      assert.equal(foreign[0], foreign[1]);
    }
  });
}
