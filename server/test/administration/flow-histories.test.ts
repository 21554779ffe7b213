/** What holds of the slots of flows after any edit, in a real catalog. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { applyCatalog, exportCatalog } from '../../src/administration/document/apply-catalog.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
import { UsherError } from '../../src/domain/errors.ts';
import { RandomSource } from '../membership/naive/random-source.ts';
import { inCatalog } from './in-catalog.ts';
import { inRules } from './in-rules.ts';
import { randomFlowEdit } from './random-flow-edit.ts';

const histories = 12;
const editsOfOne = 60;

interface Flow {
  readonly id: number;
  readonly status: string;
  readonly salt?: string;
  readonly unit?: string;
  readonly variants?: readonly { name: string; weight: number; slots: string }[];
  readonly branches?: readonly { variant: string }[];
  readonly otherwise?: string | null;
  readonly holdout?: number;
  readonly held_out?: string;
}

interface Group {
  readonly flows: readonly { flow: string; share: number; slots: string }[];
}

interface Exported {
  readonly flows?: Readonly<Record<string, Flow>>;
  readonly exclusion_groups?: Readonly<Record<string, Group>>;
}

function slotsOf(ranges: string | undefined): number[] {
  if (ranges === undefined || ranges === '') return [];
  return ranges.split(', ').flatMap((range) => {
    const [from = 0, to = from] = range.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, place) => from + place);
  });
}

/** The owner of each slot that has one. */
function ownersOf(shares: readonly (readonly [owner: string, ranges: string])[]) {
  const owners = new Map<number, string>();
  for (const [owner, ranges] of shares) {
    for (const slot of slotsOf(ranges)) {
      assert.ok(!owners.has(slot), `the slot ${slot} has two owners`);
      owners.set(slot, owner);
    }
  }
  return owners;
}

const variantOwners = ({ variants = [] }: Flow) =>
  ownersOf(variants.map(({ name, slots }) => [name, slots]));
const groupOwners = ({ flows }: Group) => ownersOf(flows.map(({ flow, slots }) => [flow, slots]));

function countsOf(owners: ReadonlyMap<number, string>): ReadonlyMap<string, number> {
  const groups = Map.groupBy(owners.values(), (owner) => owner);
  return new Map([...groups].map(([owner, slots]) => [owner, slots.length]));
}

/** Of slots that had an owner, those that lost it are as few as the counts allow. */
function checkFewestMoved(
  before: ReadonlyMap<number, string>,
  after: ReadonlyMap<number, string>,
): void {
  const counts = countsOf(after);
  const least = [...countsOf(before)].reduce((sum, [owner, count]) => {
    return sum + Math.max(0, count - (counts.get(owner) ?? 0));
  }, 0);
  const moved = [...before].filter(([slot, owner]) => after.get(slot) !== owner);
  assert.equal(moved.length, least);
}

/** The variants that it answers with, by weight or by branch. */
function variantsOf({ variants = [], branches = [], otherwise }: Flow): readonly string[] {
  const named = [...variants.map(({ name }) => name), ...branches.map(({ variant }) => variant)];
  return typeof otherwise === 'string' ? [...named, otherwise] : named;
}

function checkFlow(before: Flow | undefined, after: Flow): void {
  const { variants, holdout = 0 } = after;
  const held = slotsOf(after.held_out);
  const owners = variantOwners(after);
  if (variants !== undefined) {
    assert.equal(owners.size, 10_000);
    for (const { name, weight } of variants) {
      assert.equal(countsOf(owners).get(name) ?? 0, Math.round(weight * 100), name);
    }
  }
  assert.equal(held.length, Math.round(holdout * 100));
  if (before === undefined) return;
  if (before.variants !== undefined && variants !== undefined) {
    checkFewestMoved(variantOwners(before), owners);
  }
  const heldBefore = new Set(slotsOf(before.held_out));
  const kept = held.filter((slot) => heldBefore.has(slot)).length;
  const isSameKind = (before.variants === undefined) === (variants === undefined);
  if (isSameKind) assert.equal(kept, Math.min(held.length, heldBefore.size), 'holdout only takes');
  const asked = ({ variants: all = [], holdout: percent }: Flow) => {
    return JSON.stringify([all.map(({ name, weight }) => [name, weight]), percent]);
  };
  if (asked(before) === asked(after)) {
    assert.deepEqual(owners, variantOwners(before), 'a status moves no slot');
    assert.equal(after.held_out, before.held_out);
  }
  if (before.status === 'live') {
    const gone = variantsOf(before).filter((name) => !variantsOf(after).includes(name));
    assert.deepEqual(gone, [], 'a live flow keeps its variants');
  }
}

/** Everything that holds after each edit, in comparison with the catalog before. */
function checkCatalog(before: Exported, after: Exported): void {
  const flowsBefore = new Map(Object.values(before.flows ?? {}).map((flow) => [flow.id, flow]));
  for (const flow of Object.values(after.flows ?? {})) checkFlow(flowsBefore.get(flow.id), flow);
  const names: string[] = [];
  for (const [name, group] of Object.entries(after.exclusion_groups ?? {})) {
    const owners = groupOwners(group);
    const counts = countsOf(owners);
    for (const { flow, share } of group.flows) {
      assert.equal(counts.get(flow), Math.round(share * 100));
    }
    const known = before.exclusion_groups?.[name];
    if (known !== undefined) checkFewestMoved(groupOwners(known), owners);
    names.push(...group.flows.map(({ flow }) => flow));
  }
  assert.equal(new Set(names).size, names.length, 'each flow is in one group');
}

test('after any edits the slots are whole, few moved, and what is refused changes nothing', async (t) => {
  const seed = Number(process.env['USHER_TEST_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`USHER_TEST_SEED=${seed}`);
  const random = new RandomSource(seed);
  const counts = { done: 0, refused: 0 };
  for (let history = 0; history < histories; history += 1) {
    await using catalog = await inRules();
    const { operator } = catalog;
    await createSegment(operator, 1, { name: 'Buyers', rule: 'visits > 1' });
    await createSegment(operator, 1, { name: 'VIPs', rule: 'in_segment("Buyers")' });
    const done: string[] = [];
    let before = await exportCatalog(operator, 1);
    for (let place = 0; place < editsOfOne; place += 1) {
      const edit = randomFlowEdit(random);
      const error: unknown = await edit.run(operator).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      const after = await exportCatalog(operator, 1);
      done.push(edit.what);
      try {
        if (error === undefined) checkCatalog(before as Exported, after as Exported);
        else {
          assert.ok(error instanceof UsherError && error.code !== 'internal', String(error));
          assert.deepEqual(after, before);
        }
      } catch (cause) {
        throw new Error(done.slice(-8).join('\n'), { cause });
      }
      counts[error === undefined ? 'done' : 'refused'] += 1;
      before = after;
    }
    const how = { prune: true, force: false, dryRun: false, sectionsOf: async () => 0 };
    const again = await applyCatalog(operator, 1, { ...how, document: before });
    assert.deepEqual(again.differences, []);
    await using other = await inCatalog();
    await applyCatalog(other.operator, 1, { ...how, document: before });
    assert.deepEqual(await exportCatalog(other.operator, 1), before, 'applied elsewhere');
  }
  t.diagnostic(JSON.stringify(counts));
  assert.ok(counts.done > counts.refused / 3 && counts.refused > 0, JSON.stringify(counts));
});
