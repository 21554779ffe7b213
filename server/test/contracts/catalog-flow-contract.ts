/** What every catalog promises about flows, exclusion groups and the global holdout. */
import assert from 'node:assert/strict';
import type { Catalog, CatalogChange } from '../../src/catalog/catalog.ts';
import type { ExclusionGroup, Experiment, Flow } from '../../src/domain/flow/flow.ts';
import { experimentSlots, groupSlots } from '../../src/domain/flow/flow-slots.ts';
import { type AddPromise, addOrganization, author, entry } from '../catalog/catalog-samples.ts';

function change<T>(catalog: Catalog, work: (to: CatalogChange) => Promise<T>) {
  return catalog.change(author, async (to) => ({
    result: await work(to),
    audit: [entry(1, 'flows', null)],
  }));
}

const experiment: Experiment = {
  holdout: 10,
  split: {
    by: 'weight',
    variants: [
      { name: 'A', weight: 70 },
      { name: 'B', weight: 30 },
    ],
  },
};

const flow: Omit<Flow, 'id'> = {
  ...{ name: 'Spring', segmentId: 3, status: 'live', kind: 'stream', unit: 1, salt: 'spring' },
  ...{ experiment, slots: experimentSlots(null, experiment) },
};

export function catalogFlowContract(promise: AddPromise): void {
  addPlanPromise(promise);
  addLastLivePromise(promise);
  addWritesPromise(promise);
  promise('flows keep their experiment and every slot', async ({ catalog, again }) => {
    const made = await change(catalog, (to) => to.insertFlow(1, flow));
    assert.equal(made.id, 100_001);
    const listed = (from: Catalog) => from.read((view) => view.listFlows(1));
    assert.deepEqual(await listed(catalog), [made]);
    const other = await again();
    assert.deepEqual(await listed(other), [made]);
    await other.close();
    const state = await catalog.loadState();
    assert.deepEqual(state.organizations.get(1)?.definitions.flows.get(100_001), made);
    const plain = { ...made, name: 'Summer', segmentId: null, experiment: null, slots: null };
    await change(catalog, (to) => to.updateFlow(1, plain));
    assert.deepEqual(await listed(catalog), [plain]);
    await change(catalog, (to) => to.deleteFlow(1, made.id));
    assert.deepEqual(await listed(catalog), []);
    const next = await change(catalog, (to) => to.insertFlow(1, { ...flow, id: 142_309 }));
    assert.equal(next.id, 142_309);
    const last = await change(catalog, (to) => to.insertFlow(1, { ...flow, name: 'x' }));
    assert.equal(last.id, 142_310, 'ids are never used again');
  });

  promise('groups are put and deleted by name, and go with no other', async ({ catalog }) => {
    const shares = [{ flowId: 7, share: 40 }];
    const group: ExclusionGroup = {
      ...{ name: 'Mails', unit: 0, salt: 'mails', shares },
      slots: groupSlots(null, shares),
    };
    const listed = (id: number) => catalog.read((view) => view.listExclusionGroups(id));
    await change(catalog, (to) => to.putExclusionGroup(1, group));
    await change(catalog, (to) => to.putExclusionGroup(1, { ...group, name: 'A', salt: 'a' }));
    await change(catalog, (to) => to.putExclusionGroup(1, { ...group, unit: 2 }));
    assert.deepEqual(await listed(1), [
      { ...group, name: 'A', salt: 'a' },
      { ...group, unit: 2 },
    ]);
    const state = await catalog.loadState();
    assert.equal(state.organizations.get(1)?.definitions.groups.get('Mails')?.unit, 2);
    assert.deepEqual(await listed(await addOrganization(catalog, 'second')), []);
    await change(catalog, (to) => to.deleteExclusionGroup(1, 'A'));
    assert.equal((await listed(1)).length, 1);
  });

  promise('the global holdout is kept for each organization', async ({ catalog }) => {
    const second = await addOrganization(catalog, 'second');
    const read = (id: number) => catalog.read((view) => view.readGlobalHoldout(id));
    assert.equal(await read(1), null);
    const holdout = { percent: 5, unit: 0, salt: 'h' };
    await change(catalog, (to) => to.setGlobalHoldout(1, holdout));
    assert.deepEqual(await read(1), holdout);
    assert.equal(await read(second), null);
    const state = await catalog.loadState();
    assert.deepEqual(state.organizations.get(1)?.definitions.globalHoldout, holdout);
    await change(catalog, (to) => to.setGlobalHoldout(1, null));
    assert.equal(await read(1), null);
  });
}

const moves = { members: 9, moved: 5, joined: 1, left: 2, changed: 2, margin: 0 };

function addPlanPromise(promise: AddPromise): void {
  promise(
    'plans are kept for their organization, audited, ended once and dropped after 30 days',
    async ({ catalog }) => {
      const plan = {
        ...{ digest: 'd', contacts: 20, sample: { seed: 1, share: 0.5, windows: 3 } },
        flows: [{ id: 7, name: 'Spring', ...moves }],
      };
      const { actor, atMs } = author;
      const made = { organizationId: 1, author: actor, createdAtMs: atMs, plan, approvedBy: null };
      const revision = await catalog.readRevision();
      await catalog.keepChangePlan(author, { ...made, id: 'one' });
      assert.equal(await catalog.readRevision(), revision);
      const found = (id: string, organizationId = 1) =>
        catalog.read((view) => view.findChangePlan(organizationId, id));
      assert.deepEqual(await found('one'), { ...made, id: 'one' });
      assert.equal(await found('one', await addOrganization(catalog, 'other')), undefined);
      const open = async (sinceMs: number, limit = 9) =>
        (await catalog.read((view) => view.listOpenPlans(1, { sinceMs, limit }))).map(
          ({ id }) => id,
        );
      assert.deepEqual(await open(made.createdAtMs - 1), ['one']);
      assert.deepEqual(await open(made.createdAtMs), []);
      assert.deepEqual(await open(0, 0), []);
      await change(catalog, (to) => to.endChangePlan(1, 'one'));
      assert.deepEqual(await open(0), []);
      assert.equal((await found('one'))?.approvedBy, actor);
      const later = atMs + 30 * 86_400_000;
      await catalog.keepChangePlan(author, { ...made, id: 'two', createdAtMs: later });
      assert.equal(await found('one'), undefined);
      const audit = await catalog.read((view) => view.listAudit(1, { limit: 1 }));
      assert.deepEqual(
        audit.map(({ action, target, after }) => [action, target, after]),
        [['change_plan.create', 'two', { flows: plan.flows }]],
      );
    },
  );
}

function addLastLivePromise(promise: AddPromise): void {
  promise('what a flow answered last is kept for its organization', async ({ catalog }) => {
    const kept = (organizationId = 1) =>
      catalog.read(async (view) =>
        [...(await view.listLastLive(organizationId))].map(([id, bytes]) => [id, [...bytes]]),
      );
    await change(catalog, (to) => to.keepLastLive(1, 7, Uint8Array.of(1, 2)));
    await change(catalog, (to) => to.keepLastLive(1, 7, Uint8Array.of(3, 0)));
    await change(catalog, (to) => to.keepLastLive(1, 8, Uint8Array.of(4)));
    assert.deepEqual(await kept(await addOrganization(catalog, 'other')), []);
    await change(catalog, (to) => to.keepLastLive(1, 8, null));
    assert.deepEqual(await kept(), [[7, [3, 0]]]);
  });
}

function addWritesPromise(promise: AddPromise): void {
  promise('a change sees its own writes, and reads a list once in between', async ({ catalog }) => {
    const segment = { name: 'Buyers', description: null, rule: ['true'] };
    await change(catalog, async (to) => {
      const other = await to.insertFlow(1, { ...flow, name: 'Other' });
      const made = await to.insertFlow(1, flow);
      const buyers = await to.insertSegment(1, segment);
      assert.equal(await to.listFlows(1), await to.listFlows(1));
      assert.deepEqual([await to.listFlows(1), await to.listFlows(2)], [[other, made], []]);
      assert.deepEqual(await to.listSegments(1), [buyers]);
      const paused = { ...made, status: 'paused', slots: null, experiment: null } as const;
      await to.updateFlow(1, paused);
      await to.updateSegment(1, { ...buyers, rule: ['false'] });
      assert.deepEqual(await to.listFlows(1), [other, paused]);
      assert.equal((await to.listFlows(1))[0], (await to.listFlows(1))[0]);
      await to.deleteFlow(1, other.id);
      assert.deepEqual(await to.listFlows(1), [paused]);
      const late = await to.insertSegment(1, { ...segment, name: 'Late' });
      assert.deepEqual(await to.listSegments(1), [{ ...buyers, rule: ['false'] }, late]);
      await to.deleteSegment(1, late.id);
      assert.deepEqual(await to.listSegments(1), [{ ...buyers, rule: ['false'] }]);
    });
    const after = await catalog.read(async (view) => {
      return { flows: await view.listFlows(1), segments: await view.listSegments(1) };
    });
    assert.deepEqual(
      after.flows.map(({ name, status }) => [name, status]),
      [['Spring', 'paused']],
    );
    assert.deepEqual(
      after.segments.map(({ rule }) => rule),
      [['false']],
    );
  });
}
