/** Changes that move many members of live flows wait for the approval of their plan. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCatalog } from '../../src/administration/document/apply-catalog.ts';
import { putExclusionGroup } from '../../src/administration/flow/exclusion-groups.ts';
import {
  createFlow,
  editFlow,
  listFlowEdits,
  readFlow,
  removeFlow,
} from '../../src/administration/flow/flows.ts';
import { setGlobalHoldout } from '../../src/administration/flow/global-holdout.ts';
import { updateOrganization } from '../../src/administration/organizations.ts';
import {
  createComputedField,
  editComputedField,
} from '../../src/administration/rule/computed-fields.ts';
import { createSegment, editSegment } from '../../src/administration/rule/segments.ts';
import { isProblem } from './in-catalog.ts';
import { inMembers } from './in-members.ts';
import { membersOf } from './in-rules.ts';

const halves = [
  { name: 'A', weight: 50 },
  { name: 'B', weight: 50 },
];
const swapped = [
  { name: 'A', weight: 10 },
  { name: 'B', weight: 90 },
];
const spring = { id: 7, name: 'Spring', segment: 'Buyers', status: 'live', variants: halves };

interface Moves {
  readonly flow: number;
  readonly members: number;
  readonly moved: number;
  readonly joined: number;
  readonly left: number;
  readonly changed: number;
  readonly margin: number;
}

/** 400 contacts with 0 to 399 visits, and a flow of those with 200 and more. */
async function withFlow(context: Parameters<typeof inMembers>[0]) {
  const place = await inMembers(context, 400);
  const { operator } = place;
  await createSegment(operator, 1, { name: 'Buyers', rule: 'visits >= 200' });
  await createFlow(operator, 1, spring);
  /** The plan and the counts of a change that needs approval. */
  const planOf = async (attempt: Promise<unknown>) => {
    const { plan, moves } = await membersOf('approval_required', attempt);
    return { plan: plan as string, moves: moves as readonly Moves[] };
  };
  return { ...place, planOf };
}

test('a change of weights that moves more than 30 % of the members is carried out with its plan', async (context) => {
  const { operator, planOf } = await withFlow(context);
  const slight = [
    { name: 'A', weight: 60 },
    { name: 'B', weight: 40 },
  ];
  await editFlow(operator, 1, { reference: '7', variants: slight });
  await editFlow(operator, 1, { reference: '7', variants: halves });
  const edit = { reference: '7', variants: swapped };
  const { plan, moves } = await planOf(editFlow(operator, 1, edit));
  const [spread] = moves;
  assert.ok(spread !== undefined && moves.length === 1);
  assert.deepEqual([spread.flow, spread.members, spread.margin], [7, 200, 0]);
  assert.deepEqual([spread.joined, spread.left, spread.changed], [0, 0, spread.moved]);
  assert.ok(spread.moved > 60 && spread.moved < 100, `${spread.moved} of 200 are about 40 %`);
  const before = await readFlow(operator, 1, '7');
  assert.deepEqual(
    before.variants?.map(({ weight }) => weight),
    [50, 50],
  );
  const changed = await editFlow({ ...operator, plan }, 1, edit);
  assert.deepEqual(
    changed.variants?.map(({ weight }) => weight),
    [10, 90],
  );
  const audit = await operator.catalog.read((view) => view.listAudit(1, { limit: 3 }));
  const kept = audit.map(({ action, target }) => [action, target]);
  assert.deepEqual(kept, [
    ['change_plan.approve', plan],
    ['flow.edit', 'Spring'],
    ['change_plan.create', plan],
  ]);
  const used = editFlow({ ...operator, plan }, 1, { reference: '7', variants: halves });
  await assert.rejects(used, isProblem('approval_required', /This plan was carried out already/));
});

test('every change that decides about the members is counted', async (context) => {
  const { operator, planOf } = await withFlow(context);
  const field = { name: 'often', rule: 'visits >= 200', settings: {} };
  await createComputedField(operator, 1, field);
  await editSegment(operator, 1, { reference: 'Buyers', rule: 'often' });
  await createFlow(operator, 1, { id: 8, name: 'Other', segment: 'Buyers', status: 'draft' });
  const rule = planOf(editSegment(operator, 1, { reference: 'Buyers', rule: 'visits < 300' }));
  const [moved] = (await rule).moves;
  assert.deepEqual([moved?.members, moved?.joined, moved?.left], [200, 200, 100]);
  await planOf(editComputedField(operator, 1, { ...field, rule: 'visits >= 300' }));
  await planOf(setGlobalHoldout(operator, 1, { percent: 60 }));
  await planOf(editFlow(operator, 1, { reference: '7', holdout: 50 }));
  await planOf(editFlow(operator, 1, { reference: '7', salt: 'another' }));
  await planOf(editFlow(operator, 1, { reference: '7', kind: 'reported' }));
  const shares = [
    { flow: 'Spring', share: 40 },
    { flow: 'Other', share: 60 },
  ];
  await planOf(putExclusionGroup(operator, 1, { name: 'Mails', flows: shares }));
  const document = { version: 1, global_holdout: { percent: 60 } };
  const apply = { document, prune: false, force: true, sectionsOf: async () => 0 };
  await planOf(applyCatalog(operator, 1, { ...apply, dryRun: false }));
  await applyCatalog(operator, 1, { ...apply, dryRun: true });
  const renamed = { reference: 'Buyers', name: 'Regulars', description: 'who come often' };
  await editSegment(operator, 1, renamed);
});

test('a flow that starts again waits if it answers another variant than when it was last live', async (context) => {
  const { operator, planOf } = await withFlow(context);
  const edit = (settings: object) => editFlow(operator, 1, { reference: '7', ...settings });
  const { variants: slotted } = await readFlow(operator, 1, '7');
  for (const status of ['paused', 'ended', 'draft']) {
    await edit({ status });
    await edit({ variants: swapped });
    const { moves } = await planOf(edit({ status: 'live' }));
    assert.deepEqual([moves[0]?.members, moves[0]?.changed], [200, moves[0]?.moved]);
    await edit({ variants: slotted });
    await edit({ status: 'live' });
  }
  const other = { name: 'Other', id: 8, segment: 'Buyers', status: 'live' };
  await createFlow(operator, 1, { ...other, variants: swapped });
  await edit({ status: 'paused' });
  await removeFlow(operator, 1, { reference: '8' });
  await editSegment(operator, 1, { reference: 'Buyers', rule: 'visits < 200' });
  const { moves } = await planOf(edit({ status: 'live' }));
  assert.deepEqual([moves[0]?.members, moves[0]?.joined, moves[0]?.left], [200, 200, 200]);
  await planOf(edit({ status: 'live', kind: 'reported' }));
  await removeFlow(operator, 1, { reference: '7' });
  await planOf(createFlow(operator, 1, spring));
  const { plan } = await planOf(createFlow(operator, 1, spring));
  await createFlow({ ...operator, plan }, 1, spring);
  await edit({ status: 'paused' });
  await edit({ status: 'live' });
});

test('a flow that hides reports is not removed, and its id can be defined again', async (context) => {
  const { operator, reportFlows } = await withFlow(context);
  await reportFlows({ 7: 'Old', 8: 'Old' });
  await createFlow(operator, 1, { id: 8, name: 'Told', kind: 'reported', status: 'paused' });
  const remove = (reference: string) => removeFlow(operator, 1, { reference });
  for (const reference of ['7', '8']) {
    const { reports } = await membersOf('definition_in_use', remove(reference));
    assert.equal(reports, 1);
  }
  await editFlow(operator, 1, { reference: '7', status: 'ended' });
  const words = /^Without the flow Spring \(7\), .* for 1 contact\. .* set its status to ended/;
  await assert.rejects(remove('7'), isProblem('definition_in_use', words));
  const pruned = { document: { version: 1 }, prune: true, force: true, sectionsOf: async () => 0 };
  await assert.rejects(
    applyCatalog(operator, 1, { ...pruned, dryRun: true }),
    isProblem('definition_in_use', words),
  );
  await editFlow(operator, 1, { reference: '8', status: 'live' });
  await remove('8');
  await createFlow(operator, 1, { id: 8, name: 'Again', kind: 'reported', status: 'paused' });
  const edits = await listFlowEdits(operator, 1, '8');
  assert.deepEqual(
    edits.map(({ number }) => number),
    [4, 3, 2, 1],
  );
});

test('a plan holds for the same change only, while definitions and counts stay, for 24 hours', async (context) => {
  const { operator, planOf, add, passMs } = await withFlow(context);
  const edit = { reference: '7', variants: swapped };
  const refused = (plan: string, words: RegExp, other: object = {}) =>
    assert.rejects(
      editFlow({ ...operator, plan }, 1, { ...edit, ...other }),
      isProblem('approval_required', words),
    );
  const { plan } = await planOf(editFlow(operator, 1, edit));
  await refused(plan, /is for another change/, { variants: halves, holdout: 90 });
  await refused('00000000-0000-4000-8000-000000000000', /There is no plan with this id/);
  await editSegment(operator, 1, { reference: 'Buyers', rule: 'visits >= 201' });
  await refused(plan, /the definitions have changed/);
  const next = await planOf(editFlow(operator, 1, edit));
  await add(400, 2);
  const { plan: grown } = await planOf(editFlow({ ...operator, plan: next.plan }, 1, edit));
  assert.notEqual(grown, next.plan, 'two more of 199 members are more than 1 %');
  await editSegment(operator, 1, { reference: 'Buyers', rule: 'visits >= 200' });
  const last = await planOf(editFlow(operator, 1, edit));
  passMs(86_400_000);
  await refused(last.plan, /This plan has expired/);
  const one = await planOf(editFlow(operator, 1, edit));
  await add(10, 1);
  await editFlow({ ...operator, plan: one.plan }, 1, edit);
});

test('approving needs its own scope, and by setting another person', async (context) => {
  const { operator, planOf, asToken } = await withFlow(context);
  const edit = { reference: '7', variants: swapped };
  const author = await asToken('ana@example.com', ['admin:write']);
  const { plan } = await planOf(editFlow(author, 1, edit));
  await assert.rejects(
    editFlow({ ...author, plan }, 1, edit),
    isProblem('scope_missing', /admin:approve/),
  );
  await updateOrganization(operator, 1, { settings: { separateApproval: true } });
  const both = ['admin:write', 'admin:approve'] as const;
  const same = await asToken('ana@example.com', both);
  const again = editFlow({ ...same, plan }, 1, edit);
  const told = await membersOf('approval_required', again);
  assert.deepEqual(told, { plan, second_person: true });
  await assert.rejects(again, isProblem('approval_required', /a second person must approve/));
  await assert.rejects(
    updateOrganization(same, 1, { settings: { separateApproval: false } }),
    isProblem('scope_missing', /Turning separate approval off/),
  );
  const other = await asToken('ben@example.com', both);
  await editFlow({ ...other, plan }, 1, edit);
  const [entry] = await operator.catalog.read((view) => view.listAudit(1, { limit: 1 }));
  assert.ok(entry?.action === 'change_plan.approve');
  const { asked_by: askedBy } = entry.after as { asked_by: string };
  assert.equal(askedBy, `token:${tokenId(author)}`);
});

test('without contacts nothing needs approval', async (context) => {
  const { operator } = await inMembers(context, 0);
  await createSegment(operator, 1, { name: 'Buyers', rule: 'visits >= 200' });
  await createFlow(operator, 1, spring);
  await editFlow(operator, 1, { reference: '7', variants: swapped });
});

function tokenId({ actor }: Awaited<ReturnType<typeof inMembers>>['operator']): string {
  return actor.kind === 'token' ? actor.token.id : '';
}
