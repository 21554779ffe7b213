/** Flows, exclusion groups and the global holdout: how they are defined, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCatalog, exportCatalog } from '../../src/administration/document/apply-catalog.ts';
import {
  listExclusionGroups,
  putExclusionGroup,
  removeExclusionGroup,
} from '../../src/administration/flow/exclusion-groups.ts';
import {
  createFlow,
  editFlow,
  listFlowEdits,
  listFlows,
  readFlow,
  removeFlow,
} from '../../src/administration/flow/flows.ts';
import {
  readGlobalHoldout,
  setGlobalHoldout,
} from '../../src/administration/flow/global-holdout.ts';
import { createIdentityType, deleteIdentityType } from '../../src/administration/identity-types.ts';
import {
  createSegment,
  editSegment,
  readSegment,
  removeSegment,
} from '../../src/administration/rule/segments.ts';
import { createToken } from '../../src/administration/token/tokens.ts';
import { type CatalogForTest, isProblem } from './in-catalog.ts';
import { inRules, membersOf } from './in-rules.ts';

const halves = [
  { name: 'A', weight: 50 },
  { name: 'B', weight: 50 },
];
const usualApply = { prune: false, force: false, dryRun: false, sectionsOf: async () => 0 };
const spring = { name: 'Spring', segment: 'Buyers', status: 'live', variants: halves };

async function withSegment(): Promise<CatalogForTest> {
  const catalog = await inRules();
  await createSegment(catalog.operator, 1, { name: 'Buyers', rule: 'visits > 1' });
  return catalog;
}

test('a flow splits a segment, and keeps its slots in its definition', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  const made = await createFlow(operator, 1, { ...spring, id: 142_309, holdout: 10 });
  assert.deepEqual(made, {
    ...{ id: 142_309, name: 'Spring', segment: 'Buyers', status: 'live', kind: 'stream' },
    ...{ unit: 'contact', salt: '142309', branches: null, otherwise: null, holdout: 10 },
    variants: [
      { name: 'A', weight: 50, slots: '0-4999' },
      { name: 'B', weight: 50, slots: '5000-9999' },
    ],
    held_out: '4500-4999, 9500-9999',
    exclusion_group: null,
  });
  assert.deepEqual(await listFlows(operator, 1), [made]);
  assert.deepEqual(await readFlow(operator, 1, 'Spring'), made);
  assert.deepEqual(await readFlow(operator, 1, '142309'), made);
  const next = await createFlow(operator, 1, { name: 'Other' });
  assert.deepEqual(
    [next.id, next.status, next.kind, next.variants, next.segment],
    [142_310, 'draft', 'reported', null, null],
  );
});

test('a change of weights moves few slots, and the history shows it', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  await createFlow(operator, 1, spring);
  const edit = (settings: object) => editFlow(operator, 1, { reference: 'Spring', ...settings });
  const weights = [
    { name: 'A', weight: 60 },
    { name: 'B', weight: 40 },
  ];
  const moved = await edit({ variants: weights });
  assert.deepEqual(
    moved.variants?.map(({ slots }) => slots),
    ['0-4999, 9000-9999', '5000-8999'],
  );
  assert.deepEqual(await edit({ variants: weights }), moved);
  assert.deepEqual(await edit({ status: 'paused' }), { ...moved, status: 'paused' });
  const edits = await listFlowEdits(operator, 1, 'Spring');
  assert.deepEqual(
    edits.map(({ number, differences }) => [number, differences.map(({ path }) => path)[0]]),
    [
      [3, '/status'],
      [2, '/variants'],
      [1, '/id'],
    ],
  );
  const given = [
    { name: 'A', weight: 60, slots: '0-5999' },
    { name: 'B', weight: 40, slots: '6000-9999' },
  ];
  const chosen = await edit({ variants: given });
  assert.deepEqual(chosen.variants, given);
  const edited = [
    { ...given[0], weight: 50 },
    { ...given[1], weight: 50 },
  ];
  assert.deepEqual(
    (await edit({ variants: edited })).variants?.map(({ slots }) => slots),
    ['0-4999', '5000-9999'],
    'slots that stayed in the file while a weight was edited do not count',
  );
  const wrong = edit({ variants: [{ ...given[0], slots: '0-99' }, given[1]] });
  await assert.rejects(wrong, isProblem('definition_invalid', /variants\/0\/slots: These are 100/));
  const partly = edit({ variants: [given[0], weights[1]] });
  await assert.rejects(partly, isProblem('definition_invalid', /every variant, or of none/));
});

test('branches are rules, and the first that holds decides', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  const branches = [
    { rule: 'total_spend > 1000', variant: 'gold' },
    { rule: 'city == "Berlin"', variant: 'local' },
  ];
  const made = await createFlow(operator, 1, {
    ...{ name: 'Tiers', segment: 'Buyers', branches, otherwise: 'basic' },
  });
  assert.deepEqual(
    made.branches?.map(({ rule }) => rule),
    ['total_spend > 1000.0', 'city == "Berlin"'],
  );
  assert.deepEqual([made.otherwise, made.variants, made.holdout], ['basic', null, 0]);
  const held = await editFlow(operator, 1, { reference: 'Tiers', holdout: 20, otherwise: null });
  assert.deepEqual(held.branches, made.branches, 'what is not given stays');
  assert.deepEqual([held.otherwise, held.held_out], [null, '8000-9999']);
  const bad = editFlow(operator, 1, {
    ...{ reference: 'Tiers', branches: [branches[0], { rule: 'citi == ""', variant: 'x' }] },
  } as Parameters<typeof editFlow>[2]);
  await assert.rejects(bad, isProblem('rule_invalid', /branches\/1\/rule: Line 1/));
  const none = await editFlow(operator, 1, { reference: 'Tiers', branches: null, holdout: 0 });
  assert.deepEqual([none.branches, none.otherwise], [null, null]);
});

test('weights that do not fit, variants of a live flow and other faults are refused', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  const create = (settings: object) => createFlow(operator, 1, { name: 'x', ...settings });
  const weights = (...all: number[]) => ({
    variants: all.map((weight, at) => ({ name: `v${at}`, weight })),
  });
  const cases: readonly (readonly [object, RegExp])[] = [
    [weights(50, 40), /sum to 90, not to 100: add 10/],
    [weights(50, 60), /take 10 from/],
    [weights(100, 0), /variants\/1\/weight/],
    [weights(150, -50), /variants\/1\/weight/],
    [weights(99.999, 0.001), /two decimals/],
    [{ variants: [] }, /1 to 50 variants/],
    [
      {
        variants: [
          { name: 'A', weight: 50 },
          { name: 'A', weight: 50 },
        ],
      },
      /Two variants/,
    ],
    [{ variants: [{ name: '<i>', weight: 100 }] }, /variants.0.name: A variant's name/],
    [{ ...weights(100), holdout: 101 }, /\/holdout/],
    [{ holdout: 5 }, /holdout needs variants/],
    [{ ...weights(100), branches: [{ rule: 'true', variant: 'a' }] }, /either variants/],
    [{ ...weights(100), otherwise: 'a' }, /Only a flow with branches/],
    [{ kind: 'stream' }, /needs a segment/],
    [{ kind: 'steam' }, /Give one of/],
    [{ status: 'on' }, /Give one of draft/],
    [{ segment: 'None' }, /There is no segment None/],
    [{ unit: 'emial' }, /Did you mean email/],
    [{ unit: 'nope' }, /no identity type nope\. Give one of contact, email/],
    [{ salt: 'a b' }, /salt/],
    [{ name: '<b>' }, /A name has/],
    [{ id: 0 }, /whole number/],
  ];
  for (const [settings, words] of cases) {
    await assert.rejects(create(settings), isProblem('definition_invalid', words));
  }
  assert.deepEqual(await listFlows(operator, 1), []);
  await createFlow(operator, 1, spring);
  const rename = (status: string) => {
    const variants = [halves[0], { name: 'C', weight: 50 }] as typeof halves;
    return editFlow(operator, 1, { reference: 'Spring', variants, status });
  };
  await assert.rejects(rename('live'), isProblem('definition_invalid', /"B".*pause the flow/));
  await editFlow(operator, 1, { reference: 'Spring', status: 'paused' });
  assert.equal((await rename('live')).variants?.[1]?.name, 'C');
});

test('flows, segments and groups that are in use cannot be removed', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  const { id } = await createFlow(operator, 1, spring);
  const { id: segmentId } = await readSegment(operator, 1, 'Buyers');
  const segment = removeSegment(operator, 1, { reference: 'Buyers' });
  await assert.rejects(segment, isProblem('definition_in_use', /Buyers.*flow Spring/));
  await createSegment(operator, 1, { name: 'Reached', rule: `in_flow(${id})` });
  const flow = removeFlow(operator, 1, { reference: 'Spring' });
  await assert.rejects(flow, isProblem('definition_in_use', /Spring.*segment Reached/));
  await removeSegment(operator, 1, { reference: 'Reached' });
  await putExclusionGroup(operator, 1, { name: 'Mails', flows: [{ flow: 'Spring', share: 50 }] });
  const users = await membersOf(
    'definition_in_use',
    removeFlow(operator, 1, { reference: 'Spring' }),
  );
  assert.deepEqual(users['users'], [{ kind: 'exclusion_group', id: null, name: 'Mails' }]);
  await removeExclusionGroup(operator, 1, { reference: 'Mails' });
  await removeFlow(operator, 1, { reference: 'Spring' });
  assert.equal((await listFlowEdits(operator, 1, String(id)))[0]?.definition, null);
  assert.equal((await createFlow(operator, 1, { name: 'x', id })).id, id);
  await removeSegment(operator, 1, { reference: 'Buyers' });
  const again = createSegment(operator, 1, { name: 'x', id: segmentId, rule: 'true' });
  await assert.rejects(again, isProblem('definition_invalid', /never used again/));
});

test('a cycle through a flow is refused with its path', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  const { id } = await createFlow(operator, 1, spring);
  await createSegment(operator, 1, { name: 'Reached', rule: `in_flow(${id})` });
  const edit = editSegment(operator, 1, { reference: 'Buyers', rule: 'in_segment("Reached")' });
  await assert.rejects(
    edit,
    isProblem(
      'definition_cycle',
      /segment Buyers → segment Reached → flow Spring → segment Buyers/,
    ),
  );
  const moved = editFlow(operator, 1, { reference: 'Spring', segment: 'Reached' });
  await assert.rejects(
    moved,
    isProblem('definition_cycle', /flow Spring → segment Reached → flow/),
  );
  await createSegment(operator, 1, { name: 'Later', rule: 'in_variant(777, "A")' });
  const defined = createFlow(operator, 1, { name: 'y', id: 777, segment: 'Later' });
  await assert.rejects(defined, isProblem('definition_cycle', /flow y → segment Later → flow y/));
  await editSegment(operator, 1, { reference: 'Buyers', name: 'Customers' });
  assert.equal((await readFlow(operator, 1, 'Spring')).segment, 'Customers');
  assert.equal((await readSegment(operator, 1, 'Reached')).rule, `in_flow(${id})`);
});

test('flows of a group share its slots, and a flow is in one group', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  await createFlow(operator, 1, spring);
  await createFlow(operator, 1, { name: 'Summer' });
  const put = (name: string, ...shares: (readonly [flow: string, share: number])[]) => {
    const flows = shares.map(([flow, share]) => ({ flow, share }));
    return putExclusionGroup(operator, 1, { name, flows });
  };
  const made = await put('Mails', ['Spring', 40], ['Summer', 60]);
  assert.deepEqual(made, {
    ...{ name: 'Mails', unit: 'contact', salt: 'Mails' },
    flows: [
      { flow: 'Spring', share: 40, slots: '0-3999' },
      { flow: 'Summer', share: 60, slots: '4000-9999' },
    ],
  });
  assert.equal((await readFlow(operator, 1, 'Spring')).exclusion_group, 'Mails');
  const smaller = await put('Mails', ['Spring', 30], ['Summer', 60]);
  assert.deepEqual(smaller.flows[1], made.flows[1], 'the other flow keeps its slots');
  const cases: readonly (readonly [Promise<unknown>, RegExp])[] = [
    [put('Mails', ['Spring', 50], ['Summer', 60]), /sum to 110/],
    [put('Mails', ['Sprung', 50]), /There is no flow Sprung/],
    [put('Others', ['Spring', 50]), /group Mails too/],
    [putExclusionGroup(operator, 1, { name: 'New' }), /needs flows/],
    [put('<b>', ['Spring', 50]), /A name has/],
  ];
  for (const [attempt, words] of cases) {
    await assert.rejects(attempt, isProblem('definition_invalid', words));
  }
  assert.deepEqual(await listExclusionGroups(operator, 1), [smaller]);
});

test('the global holdout is set, and its identity type is in use', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  const none = { percent: 0, unit: 'contact', salt: 'global-holdout' };
  assert.deepEqual(await readGlobalHoldout(operator, 1), none);
  await createIdentityType(operator, 1, { name: 'customer_no' });
  const set = await setGlobalHoldout(operator, 1, { percent: 5, unit: 'customer_no' });
  assert.deepEqual(set, { ...none, percent: 5, unit: 'customer_no' });
  const removal = deleteIdentityType(operator, 1, { reference: 'customer_no' });
  await assert.rejects(removal, isProblem('definition_invalid', /in use: the global holdout/));
  const wrong = setGlobalHoldout(operator, 1, { percent: 101 });
  await assert.rejects(wrong, isProblem('definition_invalid', /percent/));
  assert.deepEqual(await readGlobalHoldout(operator, 1), set);
  await setGlobalHoldout(operator, 1, none);
  const exported = await exportCatalog(operator, 1);
  assert.ok(!('global_holdout' in exported), 'a copy that was never told has no such line either');
});

test('a token with lists sees no flows and changes none', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  await createFlow(operator, 1, spring);
  const { token } = await createToken(operator, 1, {
    ...{ createdBy: 'ann@example.com', scopes: ['admin:read', 'admin:write'], fields: ['city'] },
  });
  const caller = await catalog.asToken(token.id);
  assert.deepEqual(await listFlows(caller, 1), []);
  assert.deepEqual(await listExclusionGroups(caller, 1), []);
  await assert.rejects(readFlow(caller, 1, 'Spring'), isProblem('resource_not_found'));
  const changes = [
    createFlow(caller, 1, { name: 'x' }),
    editFlow(caller, 1, { reference: 'Spring', status: 'ended' }),
    removeFlow(caller, 1, { reference: 'Spring' }),
    putExclusionGroup(caller, 1, { name: 'x', flows: [] }),
    setGlobalHoldout(caller, 1, { percent: 1 }),
  ];
  for (const change of changes) await assert.rejects(change, isProblem('scope_missing'));
});

test('a variant that rules ask for keeps its name, or the rules change with it', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  const { id } = await createFlow(operator, 1, spring);
  await editFlow(operator, 1, { reference: 'Spring', status: 'draft' });
  const wrong = createSegment(operator, 1, { name: 'InA', rule: `in_variant(${id}, "a")` });
  await assert.rejects(wrong, isProblem('rule_invalid', /has no variant "a".*Did you mean "A"\?/));
  await createSegment(operator, 1, { name: 'InA', rule: `in_variant(${id}, "A")` });
  await createSegment(operator, 1, { name: 'InB', rule: `true // all\n && in_variant(${id},"B")` });
  await createSegment(operator, 1, { name: 'Any', rule: `in_flow(${id})` });
  const named = (...names: string[]) => names.map((name) => ({ name, weight: 100 / names.length }));
  const edit = (variants: ReturnType<typeof named> | null) =>
    editFlow(operator, 1, { reference: 'Spring', variants });
  const refused = await membersOf('definition_in_use', edit(named('A', 'C')));
  const users = refused['users'] as readonly { readonly name: string }[];
  assert.deepEqual(
    users.map(({ name }) => name),
    ['InB'],
  );
  await assert.rejects(
    edit(named('A', 'C')),
    isProblem(
      'definition_in_use',
      /^The flow Spring would no longer have the variant "B", but rules/,
    ),
  );
  await assert.rejects(edit(null), isProblem('definition_in_use', /InA, segment InB\./));
  await edit(named('A', 'B', 'C', 'D'));
  const flows = { Spring: { id, variants: named('A', 'C') } };
  const document = { version: 1, segments: { InB: { rule: `in_variant(${id}, "C")` } }, flows };
  await applyCatalog(operator, 1, { ...usualApply, document });
  assert.equal((await readSegment(operator, 1, 'InB')).rule, `in_variant(${id}, "C")`);
  await createSegment(operator, 1, { name: 'Told', rule: 'in_variant(777, "x")' });
  const defined = { name: 'Other', id: 777, segment: 'Buyers' };
  const other = createFlow(operator, 1, { ...defined, variants: named('X') });
  await assert.rejects(
    other,
    isProblem('definition_in_use', /Other would not have the reported variant "x", .*segment Told/),
  );
  await createFlow(operator, 1, { ...defined, variants: named('x') });
  const reported = { reference: 'Other', kind: 'reported', segment: null, variants: named('y') };
  await editFlow(operator, 1, reported);
});

test('branches are variants, and a flow of the same change has those that it will have', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  const branches = [{ rule: 'visits > 3', variant: 'often' }];
  const flow = { id: 7, segment: 'Buyers', branches, otherwise: 'seldom' };
  const apply = (rule: string) => {
    const document = { version: 1, segments: { Some: { rule } }, flows: { Visits: flow } };
    return applyCatalog(operator, 1, { ...usualApply, document });
  };
  const near = isProblem(
    'rule_invalid',
    /no variant "Often"\. It has "often", "seldom".*"often"\?/,
  );
  await assert.rejects(apply('in_variant(7, "Often")'), near);
  await apply('in_variant(7, "often") || in_variant(7, "seldom")');
  const all = { reference: 'Visits', otherwise: null };
  await assert.rejects(editFlow(operator, 1, all), isProblem('definition_in_use', /segment Some/));
});
