/** Flows, exclusion groups and the global holdout in a catalog document. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Administration } from '../../src/administration/administration.ts';
import {
  type ApplyRequest,
  applyCatalog,
  exportCatalog,
} from '../../src/administration/document/apply-catalog.ts';
import { listFlowEdits, listFlows, readFlow } from '../../src/administration/flow/flows.ts';
import { inCatalog, isProblem } from './in-catalog.ts';

const whole = {
  version: 1,
  identity_types: { customer_no: 'exact' },
  datasets: {
    crm: { identifiers: { email: 'Mail' }, fields: { visits: { type: 'integer' } } },
  },
  segments: { Buyers: { rule: 'visits > 1' } },
  flows: {
    Spring: {
      ...{ id: 142_309, segment: 'Buyers', status: 'live', unit: 'customer_no', holdout: 10 },
      variants: [
        { name: 'A', weight: 50 },
        { name: 'B', weight: 50 },
      ],
    },
    Tiers: { segment: 'Buyers', branches: [{ rule: 'visits > 9', variant: 'gold' }] },
    Reports: {},
  },
  exclusion_groups: {
    Mails: {
      flows: [
        { flow: 'Spring', share: 40 },
        { flow: 'Tiers', share: 60 },
      ],
    },
  },
  global_holdout: { percent: 2.5 },
};

function apply(administration: Administration, document: unknown, how: Partial<ApplyRequest> = {}) {
  const usual = { prune: false, force: false, dryRun: false, sectionsOf: async () => 0 };
  return applyCatalog(administration, 1, { ...usual, ...how, document });
}

test('flows are applied, exported with every slot, and applied elsewhere', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await apply(operator, whole);
  assert.deepEqual((await apply(operator, whole)).differences, []);
  const exported = await exportCatalog(operator, 1);
  assert.deepEqual(exported['flows'], {
    Spring: {
      ...{ id: 142_309, segment: 'Buyers', status: 'live', kind: 'stream', unit: 'customer_no' },
      variants: [
        { name: 'A', weight: 50, slots: '0-4999' },
        { name: 'B', weight: 50, slots: '5000-9999' },
      ],
      ...{ holdout: 10, held_out: '4500-4999, 9500-9999' },
    },
    Tiers: {
      ...{ id: 142_310, segment: 'Buyers', status: 'draft', kind: 'stream' },
      branches: [{ rule: 'visits > 9', variant: 'gold' }],
    },
    Reports: { id: 142_311, status: 'draft', kind: 'reported' },
  });
  assert.deepEqual(exported['global_holdout'], {
    ...{ percent: 2.5, unit: 'contact', salt: 'global-holdout' },
  });
  await using other = await inCatalog();
  await apply(other.operator, exported);
  assert.deepEqual(await exportCatalog(other.operator, 1), exported);
  assert.deepEqual((await apply(operator, exported, { prune: true })).differences, []);
  assert.equal((await listFlowEdits(operator, 1, 'Spring')).length, 1);
});

test('a weight that is edited in the exported file moves few slots', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await apply(operator, whole);
  const exported = await exportCatalog(operator, 1);
  const text = JSON.stringify(exported).replace(
    '"weight":50,"slots":"0-4999"},{"name":"B","weight":50',
    '"weight":60,"slots":"0-4999"},{"name":"B","weight":40',
  );
  await apply(operator, JSON.parse(text));
  const { variants } = await readFlow(operator, 1, 'Spring');
  assert.deepEqual(
    variants?.map(({ weight, slots }) => [weight, slots]),
    [
      [60, '0-4999, 8600-9499, 9900-9999'],
      [40, '5000-8599, 9500-9899'],
    ],
  );
});

test('prune removes flows and groups, and not those that something uses', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  await apply(operator, whole);
  const { exclusion_groups: groups, flows, ...rest } = whole;
  const withoutFlow = { ...rest, flows: { Tiers: flows.Tiers }, exclusion_groups: { Mails: {} } };
  const used = apply(operator, withoutFlow, { prune: true });
  await assert.rejects(used, isProblem('definition_in_use', /Spring.*exclusion group Mails/));
  const { kept } = await apply(operator, rest);
  assert.deepEqual(kept, [
    ...['/flows/Spring', '/flows/Tiers', '/flows/Reports', '/exclusion_groups/Mails'],
  ]);
  assert.equal((await listFlows(operator, 1)).length, 3);
  await apply(operator, { ...rest, flows: { 'Spring 2': { id: 142_309 } } }, { prune: true });
  assert.deepEqual(
    (await listFlows(operator, 1)).map(({ name, exclusion_group }) => [name, exclusion_group]),
    [['Spring 2', null]],
  );
  const { segments: _, ...bare } = rest;
  const segment = apply(operator, { ...bare, flows: { 'Spring 2': {} } }, { prune: true });
  await assert.rejects(segment, isProblem('definition_in_use', /Buyers.*flow Spring 2/));
  assert.equal(groups.Mails.flows.length, 2);
});

test('faults of flows have their place, and nothing is applied', async () => {
  await using catalog = await inCatalog();
  const { operator } = catalog;
  const flow = (settings: object) => ({ ...whole, flows: { x: settings }, exclusion_groups: {} });
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [
      flow({ variants: [{ name: 'A', weight: 90 }] }),
      /\/flows\/x\/variants: The weights sum to 90/,
    ],
    [flow({ variants: [{ nam: 'A', weight: 100 }] }), /\/flows\/x\/variants\/0\/nam: .*name/],
    [flow({ variants: 5 }), /Give a list/],
    [flow({ segmnt: 'Buyers' }), /Did you mean segment/],
    [flow({ segment: 'None' }), /\/flows\/x\/segment: There is no segment/],
    [flow({ id: 1.5 }), /\/flows\/x\/id: Give a whole number/],
    [{ ...whole, global_holdout: { percent: -1 } }, /\/global_holdout\/percent/],
    [{ ...whole, exclusion_groups: { a: { flows: [{ flow: 'z', share: 1 }] } } }, /no flow z/],
  ];
  for (const [document, words] of cases) {
    await assert.rejects(apply(operator, document), isProblem('definition_invalid', words));
  }
  assert.deepEqual(await listFlows(operator, 1), []);
});
