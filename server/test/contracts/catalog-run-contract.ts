/**
 * The promises of every catalog about runs, schedules and other records that do not move its
 * revision. Part of `catalog-contract.ts`.
 */
import assert from 'node:assert/strict';
import type {
  Catalog,
  NewRun,
  PushedRows,
  RunDecision,
  RunFilter,
} from '../../src/catalog/catalog.ts';
import { type RunPhase, runEffects } from '../../src/catalog/run-states.ts';
import type { RunPlan } from '../../src/domain/dataset/run-plan.ts';
import type { UsherError } from '../../src/domain/errors.ts';
import {
  type AddPromise,
  addDataset,
  addOrganization,
  addToken,
  author,
  entry,
  token,
} from '../catalog/catalog-samples.ts';

const counts = {
  ...{ rowsRead: 9, added: 3, changed: 2, unchanged: 1, stale: 1, cleared: 1, rejected: 1 },
  ...{ rejections: { value_invalid: 1 }, bytes: 512 },
  people: {
    ...{ joined: 4, parted: 1, moved: 2, released: 3 },
    ...{ refusedClaims: { identity_taken: 5 }, movedOften: { email: 1 } },
  },
};
const run: NewRun = {
  ...{ id: 'r1', organizationId: 1, datasetId: 1 },
  kind: 'sync',
  trigger: 'retry',
  ...{ definitionVersion: 4, startedAtMs: 5, approvalOf: 'r0' },
};
const ended = {
  state: 'succeeded',
  endedAtMs: 9,
  errorCode: null,
  errorDetail: null,
  counts,
} as const;
const plan: RunPlan = {
  ...{ contactsBefore: 10, wouldAdd: 5, wouldChange: 2, wouldClear: 1, wouldVanish: 1 },
  ...{ share: 0.4, maxShare: 0.3 },
  emptiedFields: [{ field: 'city', before: 9, after: 0 }],
  rejections: null,
};

export function catalogRunContract(promise: AddPromise): void {
  runs(promise);
  addProgressPromise(promise);
  plansAndDecisions(promise);
  addExamplesPromise(promise);
  addPushesPromise(promise);
  acts(promise);
  schedulesAndUses(promise);
}

async function bringTo(catalog: Catalog, id: string, phase: RunPhase): Promise<void> {
  if (phase === 'none') return;
  await catalog.startRun({ ...run, id });
  if (phase === 'running') return;
  const isDecided = phase === 'approved' || phase === 'rejected' || phase === 'rolled_back';
  const before = phase === 'rolled_back' ? 'succeeded' : 'waiting';
  await catalog.endRun(id, { ...ended, state: isDecided ? before : phase });
  if (isDecided) await catalog.decideRun(author, 1, { runId: id, verdict: phase });
}

async function phaseOf(catalog: Catalog, id: string): Promise<RunPhase> {
  const found = await catalog.read((view) => view.findRun(1, id));
  const isApproved = found?.state === 'waiting' && found.approvedBy !== null;
  return isApproved ? 'approved' : (found?.state ?? 'none');
}

function runs(promise: AddPromise): void {
  promise('a run is recorded without moving the revision', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    const before = await catalog.readRevision();
    await catalog.startRun(run);
    await catalog.startRun({ ...run, startedAtMs: 6 });
    const running = await catalog.read((view) => view.findRun(1, 'r1'));
    assert.equal(running?.state, 'running');
    assert.equal(running?.startedAtMs, 5, 'starting twice changes nothing');
    assert.equal(running?.rowsRead, 0);
    await catalog.endRun('r1', ended);
    const read = await catalog.read((view) => view.findRun(1, 'r1'));
    const { counts: _, ...end } = ended;
    const none = { plan: null, progress: null, approvedBy: null };
    assert.deepEqual(read, { ...run, ...counts, ...end, ...none });
    assert.equal(await catalog.readRevision(), before);
  });

  // Holds the invariant ended-once of sync/SPEC.md.
  promise('a run ends as its state allows, and in no other way', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    const ends = ['succeeded', 'failed', 'interrupted', 'waiting'] as const;
    for (const phase of Object.keys(runEffects) as RunPhase[]) {
      for (const state of ends) {
        const runId = `${phase} ${state}`;
        await bringTo(catalog, runId, phase);
        await catalog.endRun(runId, { ...ended, state });
        const isEnded = Object.values(runEffects[phase]).includes(state);
        assert.equal(await phaseOf(catalog, runId), isEnded ? state : phase, runId);
      }
    }
    // A process that was taken for dead finds its lease lost.
    assert.equal(await phaseOf(catalog, 'interrupted failed'), 'interrupted');
  });

  promise('a run is found by a time at which it was running', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    await addDataset(catalog, 'shop');
    await catalog.startRun({ ...run, startedAtMs: 5 });
    await catalog.endRun('r1', { ...ended, endedAtMs: 9 });
    await catalog.startRun({ ...run, id: 'r2', startedAtMs: 20 });
    await catalog.startRun({ ...run, id: 'r3', datasetId: 2, startedAtMs: 7 });
    const idAt = async (atMs: number) =>
      (await catalog.read((view) => view.findRunAt(1, 1, atMs)))?.id;
    const found = await Promise.all([4, 5, 9, 10, 19, 20, 99].map(idAt));
    assert.deepEqual(found, [undefined, 'r1', 'r1', undefined, undefined, 'r2', 'r2']);
  });

  promise('runs are listed newest first, for one dataset or for all', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    await addDataset(catalog, 'shop');
    await catalog.startRun(run);
    await catalog.startRun({ ...run, id: 'r2', datasetId: 2, startedAtMs: 7 });
    await catalog.startRun({ ...run, id: 'r3', startedAtMs: 8 });
    await catalog.endRun('r2', ended);
    const idsOf = async (filter: RunFilter) =>
      (await catalog.read((view) => view.listRuns(1, filter))).map((one) => one.id);
    assert.deepEqual(await idsOf({ limit: 10 }), ['r3', 'r2', 'r1']);
    assert.deepEqual(await idsOf({ limit: 1 }), ['r3']);
    assert.deepEqual(await idsOf({ datasetId: 2, limit: 10 }), ['r2']);
    assert.deepEqual(await idsOf({ states: ['running', 'waiting'], limit: 10 }), ['r3', 'r1']);
    assert.deepEqual(await idsOf({ states: [], limit: 10 }), []);
    assert.deepEqual(await idsOf({ afterId: 'r3', limit: 1 }), ['r2']);
    assert.deepEqual(await idsOf({ afterId: 'r1', limit: 10 }), []);
  });
}

function addProgressPromise(promise: AddPromise): void {
  promise('the last progress of a run is kept, and none after its end', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    await catalog.startRun(run);
    const progress = async () => (await catalog.read((view) => view.findRun(1, 'r1')))?.progress;
    assert.equal(await progress(), null);
    const revision = await catalog.readRevision();
    await catalog.saveRunProgress('r1', { phase: 'reading', done: 1, total: 9 });
    await catalog.saveRunProgress('r1', { phase: 'reading', done: 5, total: 9 });
    await catalog.saveRunProgress('unknown', { phase: 'applying', done: 5, total: 9 });
    const reading = { phase: 'reading', done: 5, total: 9 };
    assert.deepEqual(await progress(), reading);
    await catalog.endRun('r1', ended);
    await catalog.saveRunProgress('r1', { phase: 'applying', done: 9, total: 9 });
    assert.deepEqual(await progress(), reading);
    assert.equal(await catalog.readRevision(), revision);
  });
}

function plansAndDecisions(promise: AddPromise): void {
  promise('a plan is kept with its run, and the last one counts', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    await catalog.startRun(run);
    await catalog.saveRunPlan('r1', { ...plan, wouldChange: 0 });
    await catalog.saveRunPlan('r1', plan);
    await catalog.saveRunPlan('unknown', plan);
    const read = await catalog.read((view) => view.findRun(1, 'r1'));
    assert.deepEqual(read?.plan, plan);
  });

  promise('a waiting run is approved or rejected once, and audited', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    const second = await addOrganization(catalog, 'second');
    const before = await catalog.readRevision();
    const decide = (runId: string, verdict: RunDecision['verdict'], organizationId = 1) =>
      catalog.decideRun(author, organizationId, { runId, verdict });
    for (const id of ['r1', 'r2']) {
      await catalog.startRun({ ...run, id });
      assert.equal(await decide(id, 'approved'), false, 'the run does not wait yet');
      await catalog.endRun(id, { ...ended, state: 'waiting' });
    }
    assert.equal(
      await decide('r1', 'approved', second),
      false,
      'the run belongs to another organization',
    );
    assert.equal(await decide('r1', 'approved'), true);
    assert.equal(await decide('r1', 'rejected'), false, 'the run is approved already');
    assert.equal(await decide('r2', 'rejected'), true);
    assert.equal(await decide('r2', 'approved'), false, 'the run is rejected already');
    assert.equal(await decide('r3', 'approved'), false, 'the run does not exist');
    const [one, other] = await catalog.read(async (view) => [
      await view.findRun(1, 'r1'),
      await view.findRun(1, 'r2'),
    ]);
    assert.deepEqual([one?.state, one?.approvedBy], ['waiting', 'operator:test']);
    assert.deepEqual([other?.state, other?.approvedBy], ['rejected', null]);
    const audit = await catalog.read((view) => view.listAudit(1, { limit: 2 }));
    assert.deepEqual(
      audit.map(({ action, target, after }) => [action, target, after]),
      [
        ['run.rejected', 'crm', { run: 'r2' }],
        ['run.approved', 'crm', { run: 'r1' }],
      ],
    );
    assert.equal(await catalog.readRevision(), before);
  });

  // Holds the invariant decided-once of sync/SPEC.md.
  promise('a run is decided only in the states that allow it', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    const decisions = [
      ['approve', { verdict: 'approved' }],
      ['reject', { verdict: 'rejected' }],
      ['roll_back', { verdict: 'rolled_back' }],
    ] as const;
    for (const phase of Object.keys(runEffects) as RunPhase[]) {
      for (const [event, { verdict }] of decisions) {
        const runId = `${phase} ${event}`;
        await bringTo(catalog, runId, phase);
        const effect = runEffects[phase][event];
        const isDecided = effect !== 'refused' && effect !== 'stays';
        assert.equal(await catalog.decideRun(author, 1, { runId, verdict }), isDecided, runId);
        assert.equal(await phaseOf(catalog, runId), isDecided ? effect : phase, runId);
      }
    }
  });

  promise('only a run that succeeded can be rolled back', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    await catalog.startRun(run);
    const decision = { runId: 'r1', verdict: 'rolled_back' } as const;
    assert.equal(await catalog.decideRun(author, 1, decision), false);
    await catalog.endRun('r1', ended);
    assert.equal(await catalog.decideRun(author, 1, decision), true);
    const read = await catalog.read((view) => view.findRun(1, 'r1'));
    assert.equal(read?.state, 'rolled_back');
  });
}

function addPushesPromise(promise: AddPromise): void {
  promise('pushed rows are counted for the last day on which any came', async ({ catalog }) => {
    await addDataset(catalog, 'web');
    const push = { organizationId: 1, datasetId: 1, received: 3, rejected: 1 };
    const pushesAfter = async (...pushes: readonly PushedRows[]) => {
      await catalog.recordPushes(pushes);
      return catalog.read((view) => view.listPushes(1));
    };
    const first = { ...push, day: 5, lastAtMs: 500 };
    assert.deepEqual(await pushesAfter(), []);
    assert.deepEqual(await pushesAfter(first), [first]);
    const both = { ...first, lastAtMs: 700, received: 6, rejected: 2 };
    assert.deepEqual(await pushesAfter({ ...first, lastAtMs: 700 }), [both]);
    const next = { ...push, day: 6, lastAtMs: 900 };
    assert.deepEqual(await pushesAfter(next, first), [next], 'an older day comes late');
    assert.deepEqual(await catalog.read((view) => view.listPushes(2)), []);
  });
}

function addExamplesPromise(promise: AddPromise): void {
  promise('an erasure ends the examples of a plan, and an export does not', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    const examples = [{ contactId: '0a'.repeat(16), field: 'city', effect: 'changed' }] as const;
    await bringTo(catalog, 'r1', 'waiting');
    await catalog.saveRunPlan('r1', { ...plan, examples });
    const answer = { state: 'done', counts: null, failure: null, subjects: [], receipt: null };
    const examplesAfter = async (kind: 'export' | 'erase') => {
      const asked = { id: kind, organizationId: 1, kind, actor: author.actor, receivedAtMs: 5 };
      await catalog.receivePrivacyRequest(author, asked);
      await catalog.endPrivacyRequest(author, kind, { ...answer, state: 'done' });
      return (await catalog.read((view) => view.findRun(1, 'r1')))?.plan?.examples;
    };
    assert.deepEqual(await examplesAfter('export'), examples);
    assert.equal(await examplesAfter('erase'), undefined);
  });
}

function acts(promise: AddPromise): void {
  promise('an act outside the catalog is audited without moving the revision', async (opened) => {
    const { catalog } = opened;
    const second = await addOrganization(catalog, 'second');
    const before = await catalog.readRevision();
    await catalog.recordActs(author, [entry(second, 'one', { a: 1 }), entry(second, 'two', null)]);
    const listed = await catalog.read((view) => view.listAudit(second, { limit: 2 }));
    assert.deepEqual(
      listed.map(({ target, after, actor, atMs }) => [target, after, actor, atMs]),
      [
        ['two', null, author.actor, author.atMs],
        ['one', { a: 1 }, author.actor, author.atMs],
      ],
    );
    assert.equal(await catalog.readRevision(), before);
  });
}

function schedulesAndUses(promise: AddPromise): void {
  promise('the state of a schedule is the one written last', async ({ catalog }) => {
    await addDataset(catalog, 'crm');
    const before = await catalog.readRevision();
    const state = {
      ...{ organizationId: 1, datasetId: 1, pausedBy: 'operator:ana' },
      ...{ lastDueMs: 7, attempts: 2, retryAtMs: 9 },
    };
    assert.deepEqual(await catalog.read((view) => view.listScheduleStates()), []);
    await catalog.putScheduleState(state);
    await catalog.putScheduleState({ ...state, pausedBy: null });
    const read = await catalog.read((view) => view.listScheduleStates());
    assert.deepEqual(read, [{ ...state, pausedBy: null }]);
    const own = { organizationId: 1, datasetId: 1 };
    await catalog.putScheduleState({ ...own, pausedBy: 'operator:ben' });
    await catalog.putScheduleState({ ...own, lastDueMs: 20, attempts: 0, retryAtMs: null });
    const both = await catalog.read((view) => view.listScheduleStates());
    const moved = { ...own, pausedBy: 'operator:ben', lastDueMs: 20, attempts: 0, retryAtMs: null };
    assert.deepEqual(both, [moved], 'pausing and running change different parts of the state');
    assert.equal(await catalog.readRevision(), before);
  });

  promise('the newest day on which a token read a field is kept', async ({ catalog }) => {
    const second = await addOrganization(catalog, 'second');
    await addToken(catalog, token('aaaaaaaaaaaa'));
    await addToken(catalog, { ...token('cccccccccccc'), organizationId: second });
    const before = await catalog.readRevision();
    await catalog.recordFieldReads([
      { tokenRowId: 1, fieldId: 3, day: 20_000 },
      { tokenRowId: 1, fieldId: 2, day: 20_010 },
      { tokenRowId: 2, fieldId: 3, day: 20_020 },
      { tokenRowId: 99, fieldId: 3, day: 20_020 },
    ]);
    await catalog.recordFieldReads([{ tokenRowId: 1, fieldId: 3, day: 20_005 }]);
    await catalog.recordFieldReads([{ tokenRowId: 1, fieldId: 2, day: 20_001 }]);
    const since = (day: number) =>
      catalog.read((view) => view.listFieldReads(1, day * 86_400_000 + 5));
    assert.deepEqual(await since(20_005), [
      { tokenRowId: 1, fieldId: 2, day: 20_010 },
      { tokenRowId: 1, fieldId: 3, day: 20_005 },
    ]);
    assert.deepEqual(await since(20_006), [{ tokenRowId: 1, fieldId: 2, day: 20_010 }]);
    assert.deepEqual(await since(20_011), []);
    await catalog.recordFieldReads([{ tokenRowId: 1, fieldId: 4, day: 20_036 }]);
    assert.deepEqual(await since(0), [
      { tokenRowId: 1, fieldId: 2, day: 20_010 },
      { tokenRowId: 1, fieldId: 4, day: 20_036 },
    ]);
    assert.equal(await catalog.readRevision(), before);
  });

  promise('uses of tokens are kept to the minute and move no revision', async ({ catalog }) => {
    await addToken(catalog, token('aaaaaaaaaaaa'));
    const before = await catalog.readRevision();
    await catalog.recordLastUsed([{ rowId: 1, atMs: 150_000 }]);
    await catalog.recordLastUsed([
      { rowId: 1, atMs: 61_000 },
      { rowId: 99, atMs: 61_000 },
    ]);
    const [used] = await catalog.read((view) => view.listTokens(1));
    assert.equal(used?.lastUsedAtMs, 120_000);
    assert.equal(await catalog.readRevision(), before);
  });

  promise(
    'a catalog that another connection holds for too long is unavailable, not stuck',
    async (opened) => {
      const { catalog, again } = opened;
      const other = await again();
      const { promise: release, resolve: letGo } = Promise.withResolvers<void>();
      const held = Promise.withResolvers<void>();
      const holding = other.change(author, async () => {
        held.resolve();
        await release;
        return { result: undefined, audit: [] };
      });
      await held.promise;
      const waiting = addDataset(catalog, 'crm');
      const reading = catalog.read((view) => view.listDatasets(1));
      assert.deepEqual(await reading, [], 'reads do not wait');
      const isUnavailable = (error: UsherError) => error.code === 'store_unavailable';
      await assert.rejects(waiting, isUnavailable);
      letGo();
      await holding;
      await addDataset(catalog, 'crm');
      await other.close();
    },
  );
}
