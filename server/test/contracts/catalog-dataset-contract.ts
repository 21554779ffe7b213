/** The promises of every catalog about datasets and their fields. Part of `catalog-contract.ts`. */
import assert from 'node:assert/strict';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { type AddPromise, addDataset, author, entry, field } from '../catalog/catalog-samples.ts';

const definition = { ...usualDefinition, format: { kind: 'csv' } };

export function catalogDatasetContract(promise: AddPromise): void {
  commits(promise);
  removals(promise);
}

function commits(promise: AddPromise): void {
  promise('each commit of a dataset is a version, with its author', async ({ catalog }) => {
    const dataset = await addDataset(catalog, 'crm');
    const define = (atMs: number, readsAnew: boolean) =>
      catalog.change({ actor: 'operator:ana', atMs }, async (change) => {
        await change.insertFields(1, [field(`field_${atMs}`)]);
        const commit = { definition: { ...definition, maxChangeShare: atMs / 100 }, readsAnew };
        return {
          result: await change.defineDataset(1, dataset.id, commit),
          audit: [entry(1, 'crm', null)],
        };
      });
    assert.deepEqual([dataset.version, dataset.definitionVersion], [0, 0]);
    assert.equal(await define(10, true), 1);
    assert.equal(await define(20, false), 1, 'the meaning of rows did not change');
    assert.equal(await define(30, true), 2);
    const read = await catalog.read((view) => view.findDataset(1, 'crm'));
    assert.deepEqual([read?.version, read?.definitionVersion], [3, 2]);
    assert.deepEqual(read?.definition, { ...definition, maxChangeShare: 0.3 });
    const versions = await catalog.read((view) => view.listDatasetVersions(1, dataset.id));
    assert.deepEqual(
      versions.map(({ version, definitionVersion, author: by, atMs }) => [
        ...[version, definitionVersion, by, atMs],
      ]),
      [
        [3, 2, 'operator:ana', 30],
        [2, 1, 'operator:ana', 20],
        [1, 1, 'operator:ana', 10],
      ],
    );
    assert.deepEqual(versions[1]?.definition, { ...definition, maxChangeShare: 0.2 });
    assert.deepEqual(versions[2]?.fields, [{ ...field('field_10'), id: 1 }]);
    const fields = await catalog.read((view) => view.listFields(1));
    assert.deepEqual(versions[0]?.fields, fields);
  });
}

function removals(promise: AddPromise): void {
  promise('the id of a removed field is not used again', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    const add = () =>
      catalog.change(author, async (change) => ({
        result: await change.insertFields(1, [field('city')]),
        audit: [entry(1, 'crm', null)],
      }));
    assert.equal((await add())[0]?.id, 1);
    await catalog.change(author, async (change) => {
      await change.deleteField(1, 'city');
      await change.deleteField(1, 'never_there');
      return { result: undefined, audit: [entry(1, 'city', null)] };
    });
    assert.deepEqual(await catalog.read((view) => view.listFields(1)), []);
    assert.equal((await add())[0]?.id, 2);
  });

  promise('a dataset without fields is removed with its runs and commits', async (opened) => {
    const { catalog } = opened;
    const dataset = await addDataset(catalog, 'crm');
    await catalog.change(author, async (change) => {
      await change.insertFields(1, [field('city')]);
      await change.defineDataset(1, dataset.id, { definition, readsAnew: true });
      return { result: undefined, audit: [entry(1, 'crm', null)] };
    });
    await catalog.startRun({
      ...{ id: 'r1', organizationId: 1, datasetId: dataset.id, kind: 'sync', trigger: 'command' },
      ...{ definitionVersion: 1, approvalOf: null, startedAtMs: 1 },
    } as const);
    await catalog.putScheduleState({
      ...{ organizationId: 1, datasetId: dataset.id, pausedBy: null },
      ...{ lastDueMs: null, attempts: 0, retryAtMs: null },
    });
    const remove = (withField: boolean) =>
      catalog.change(author, async (change) => {
        if (withField) await change.deleteField(1, 'city');
        await change.deleteDataset(1, 'crm');
        return { result: undefined, audit: [entry(1, 'crm', null)] };
      });
    await assert.rejects(remove(false), 'its fields would have no dataset');
    assert.equal((await catalog.read((view) => view.listRuns(1, { limit: 9 }))).length, 1);
    await remove(true);
    await remove(true);
    const left = await catalog.read(async (view) => [
      ...(await view.listDatasets(1)),
      ...(await view.listRuns(1, { limit: 9 })),
      ...(await view.listScheduleStates()),
      ...(await view.listDatasetVersions(1, dataset.id)),
    ]);
    assert.deepEqual(left, []);
    assert.equal((await addDataset(catalog, 'crm')).id, 2, 'its id is not used again');
  });
}
