/** Random flows over segments, some of them in exclusion groups, and a global holdout. */
import type { NaiveFlow, NaiveFlows, NaiveUnit } from './naive-flow.ts';
import type { NaiveCondition, NaiveSource } from './naive-source.ts';

const units: readonly NaiveUnit[] = ['contact', 'email', 'user_id'];
const splits: readonly (readonly number[])[] = [
  ...[[100], [50, 50], [33.33, 33.33, 33.34], [10, 90], [0.01, 49.99, 50]],
];
const variantNames: readonly string[] = ['A', 'B', '-A'];

/** Where random flows are added, and what their branches are made of. */
export interface FlowSource {
  readonly source: NaiveSource;
  readonly flows: NaiveFlows;
}

type Segment = NaiveCondition & { readonly name: string };

/** Adds flows that rules may ask for from here on. */
export function addRandomFlows(
  { source, flows }: FlowSource,
  segments: readonly Segment[],
  count: number,
): void {
  const { random } = source;
  for (let place = 0; place < count; place += 1) {
    const id = place + 101;
    add(flows, randomFlow(source, { id, name: `flow ${id}` }, random.pick(segments)));
  }
}

/** Defines some of the flows that feeds report, before a rule asks for them. */
export function addReportedFlows({ source: { random }, flows }: FlowSource): void {
  for (const id of [5, 50]) {
    if (random.chance(50)) continue;
    add(flows, {
      ...{ id, name: `reported ${id}`, status: random.pick(['draft', 'live', 'paused'] as const) },
      ...{ segment: null, unit: 'contact', salt: `${id}`, variants: null, branches: null },
      ...{ otherwise: null, holdout: 0 },
    });
  }
}

function add(flows: NaiveFlows, flow: NaiveFlow): void {
  flows.flows.set(flow.id, flow);
  if (!flows.askedIds.includes(flow.id)) flows.askedIds.push(flow.id);
}

/** A flow whose id feeds report, too: their reports are hidden. */
export function addHidingFlow({ source, flows }: FlowSource, segment: Segment): void {
  add(flows, randomFlow(source, { id: 142_309, name: 'hiding' }, segment));
}

function randomFlow(
  source: NaiveSource,
  named: Pick<NaiveFlow, 'id' | 'name'>,
  segment: Segment,
): NaiveFlow {
  const { random } = source;
  const by = random.pick(['nothing', 'weights', 'weights', 'branches'] as const);
  const isBranched = by === 'branches';
  const weights = random.pick(splits);
  return {
    ...named,
    segment,
    status: random.chance(75) ? 'live' : random.pick(['draft', 'paused', 'ended'] as const),
    unit: random.pick(units),
    salt: random.pick([`${named.id}`, 'the.same_salt']),
    variants:
      by === 'weights'
        ? weights.map((weight, place) => ({ name: variantNames[place] ?? '', weight }))
        : null,
    branches: isBranched
      ? variantNames.map((variant) => ({ rule: source.condition(2), variant }))
      : null,
    otherwise: isBranched && random.chance(50) ? 'rest' : null,
    holdout: by === 'nothing' ? 0 : random.pick([0, 0, 10, 33.33, 100]),
  };
}

/** Each flow is in one group at most, and groups may leave slots free. */
export function addRandomGroups({ source: { random }, flows }: FlowSource): void {
  const free = [...flows.flows.values()].filter(({ segment }) => segment !== null);
  for (const name of ['one', 'two']) {
    const members = free.splice(0, random.below(4));
    if (members.length === 0) continue;
    const share = random.pick([10, 25, 33.33]);
    const shares = members.map((flow) => ({ flow: flow.name, share }));
    flows.groups.push({ name, unit: random.pick(units), flows: shares });
  }
  flows.holdout = { percent: random.pick([0, 5, 30]), unit: random.pick(units) };
}
