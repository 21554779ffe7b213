/** Compiled flows place contacts as `placeUnit` does, and rules can ask for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ExclusionGroup, Experiment, Flow } from '../../src/domain/flow/flow.ts';
import { experimentSlots, groupSlots } from '../../src/domain/flow/flow-slots.ts';
import { placeUnit } from '../../src/domain/flow/place-unit.ts';
import type { RuleText } from '../../src/domain/rule/rule-text.ts';
import { CompiledDefinitions } from '../../src/membership/compiled-definitions.ts';
import { ByteScratch } from '../../src/stores/byte-scratch.ts';
import { encodeSection, viewSection } from '../../src/stores/contact-codec.ts';
import { composeRecord, emptySection } from '../../src/stores/merge-section.ts';
import { locateFields } from '../../src/stores/read-record.ts';
import { makeField } from '../lookup/sample-plans.ts';
import { RandomSource } from './naive/random-source.ts';

const vip: RuleText = [{ kind: 'field', id: 1 }];
const weights: Experiment = {
  holdout: 10,
  split: { by: 'weight', variants: [...'AB'].map((name) => ({ name, weight: 50 })) },
};
const ruled: Experiment = {
  holdout: 20,
  split: {
    by: 'rule',
    branches: [{ rule: [{ kind: 'field', id: 2 }], variant: 'new' }],
    otherwise: null,
  },
};

function flowOf(id: number, more: Partial<Flow> = {}): Flow {
  const { experiment = null } = more;
  const slots = experiment === null ? null : experimentSlots(null, experiment);
  const fixed = { status: 'live', kind: 'stream', segmentId: 1 } as const;
  return {
    id,
    name: `Flow ${id}`,
    unit: 0,
    salt: String(id),
    experiment,
    ...fixed,
    slots,
    ...more,
  };
}

const flows = [
  flowOf(1),
  flowOf(2, { experiment: weights }),
  flowOf(3, { experiment: weights, unit: 9 }),
  flowOf(4, { experiment: ruled }),
  flowOf(5, { experiment: weights, status: 'paused' }),
  flowOf(6, { kind: 'reported', segmentId: null }),
];
const shares = [2, 3].map((flowId) => ({ flowId, share: 50 }));
const group: ExclusionGroup = {
  ...{ name: 'one', unit: 0, salt: 'group', shares, slots: groupSlots(null, shares) },
};
const globalHoldout = { percent: 5, unit: 9, salt: 'all' };

const fields = [1, 2].map((id) => ({ ...makeField(id, 1, 'boolean'), condition: true }));
const uses = (...parts: string[]): RuleText =>
  parts.map((part) => (/^[0-9]+$/.test(part) ? { kind: 'flow', id: Number(part) } : part));

const compiled = new CompiledDefinitions({
  fields,
  segments: new Map([[1, { id: 1, name: 'vips', rule: vip }]]),
  lists: new Map(),
  flows: new Map(flows.map((flow) => [flow.id, flow])),
  groups: [group],
  globalHoldout,
  timeZone: 'Z',
  rules: [
    uses('in_flow(', '2', ')'),
    uses('in_variant(', '2', ', "B")'),
    uses('in_flow(', '5', ')'),
  ],
});

interface Person {
  readonly contactId: Buffer;
  readonly digests: readonly Buffer[];
  readonly isVip: boolean;
  readonly isNew: boolean;
}

function begin(
  { contactId, digests, isVip, isNew }: Person,
  evaluation = compiled.newEvaluation(),
) {
  const values = [isVip, isNew].map(
    (value, place) => [place + 1, Buffer.from(`${value}`)] as const,
  );
  const view = viewSection(encodeSection(values)) ?? emptySection;
  const scratch = new ByteScratch();
  const sections = [{ datasetId: 1, view, asOfMs: 1, sourceVersion: 1n }];
  const length = composeRecord(scratch, { contactId, revision: 1n, sections });
  const bytes = Buffer.from(scratch.bytes.subarray(0, length));
  const [starts, ends] = [new Uint32Array(2), new Uint32Array(2)];
  const slots = compiled.inputSlots([0, 1], 0);
  locateFields(new DataView(bytes.buffer, bytes.byteOffset, length), slots, starts, ends);
  const identities = digests.map((digest) => ({ typeId: 9, digest }));
  const record = { bytes, starts, ends, base: 0, nowMs: 0, memberships: undefined };
  evaluation.begin({ ...record, identities, withheld: undefined });
  return evaluation;
}

function uuidOf(id: Buffer): string {
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** `undefined`: the person is not in the flow. */
function expected(flow: Flow, person: Person): string | null | undefined {
  if (flow.status !== 'live' || flow.kind === 'reported' || !person.isVip) return undefined;
  const isShared = shares.some(({ flowId }) => flowId === flow.id);
  const placed = placeUnit(flow, {
    group: isShared ? group : null,
    globalHoldout,
    unitOf: (type) =>
      type === 0
        ? uuidOf(person.contactId)
        : person.digests.map((digest) => digest.toString('hex')).sort()[0],
  });
  if (placed.leftOut !== null) return undefined;
  return flow.experiment === ruled && person.isNew ? 'new' : placed.variant;
}

test('compiled flows give the variants that the documented steps give', () => {
  const random = new RandomSource(5);
  const bytes = () => Buffer.from(Array.from({ length: 16 }, () => random.below(256)));
  const seen = new Set<string>();
  const evaluation = compiled.newEvaluation();
  for (let round = 0; round < 3_000; round += 1) {
    const digests = Array.from({ length: random.below(3) }, bytes);
    const chances = { isVip: random.chance(80), isNew: random.chance(50) };
    const person = { contactId: bytes(), digests, ...chances };
    begin(person, evaluation);
    for (const flow of flows) {
      const { outcome, variants = [] } = compiled.flows.get(flow.id) ?? {};
      const found = outcome?.(evaluation) ?? 0;
      const shown = found === 0 ? undefined : (variants[found - 2] ?? null);
      assert.equal(shown, expected(flow, person), `${flow.id}`);
      seen.add(`${flow.id} ${shown}`);
    }
    const inTwo = expected(flows[1] as Flow, person);
    const truths = compiled.rules.map(({ condition }) => condition(evaluation));
    assert.deepEqual(truths, [inTwo !== undefined, inTwo === 'B', false]);
  }
  assert.deepEqual([...seen].sort(), [
    ...['1 null', '1 undefined', '2 A', '2 B', '2 undefined', '3 A', '3 B', '3 undefined'],
    ...['4 new', '4 null', '4 undefined', '5 undefined', '6 undefined'],
  ]);
});

test('a flow reaches the inputs of its segment and its branches, and says what else it reads', () => {
  const { inputs, readsMemberships, readsIdentities, segmentIds } = compiled.reach({
    flowIds: [4],
  });
  assert.deepEqual(inputs, [0, 1]);
  assert.deepEqual([readsMemberships, readsIdentities, [...segmentIds]], [false, true, [1]]);
  assert.equal(compiled.reach({ flowIds: [6] }).readsMemberships, true);
  assert.deepEqual(compiled.reach({ segmentIds: [1] }).inputs, [0]);
  assert.deepEqual([...compiled.reach({ rules: [0] }).flowIds], [2]);
});
