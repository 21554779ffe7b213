/** Random edits of flows, exclusion groups and the global holdout; some of them are refused. */
import type { Administration } from '../../src/administration/administration.ts';
import {
  putExclusionGroup,
  removeExclusionGroup,
} from '../../src/administration/flow/exclusion-groups.ts';
import { createFlow, editFlow, removeFlow } from '../../src/administration/flow/flows.ts';
import { setGlobalHoldout } from '../../src/administration/flow/global-holdout.ts';
import { editSegment } from '../../src/administration/rule/segments.ts';
import type { RandomSource } from '../membership/naive/random-source.ts';

export interface FlowEdit {
  readonly what: string;
  run(administration: Administration): Promise<unknown>;
}

const flowNames = ['a', 'b', 'c', 'd'];
const statuses = ['draft', 'live', 'live', 'paused', 'ended'];
const percents = [0, 5, 10, 20, 33.33, 50, 100];

/** Sums to 100, unless it is meant to be wrong. */
function randomVariants(random: RandomSource) {
  const names = ['A', 'B', 'C', 'D'].filter(() => random.chance(60));
  const parts = (names.length === 0 ? ['A'] : names).map((name) => {
    return { name, part: 1 + random.below(20) };
  });
  const whole = parts.reduce((sum, { part }) => sum + part, 0);
  const cents = parts.map(({ part }) => Math.floor((part * 10_000) / whole));
  const rest = 10_000 - cents.reduce((sum, one) => sum + one, 0);
  const fault = random.chance(5) ? 100 : 0;
  return parts.map(({ name }, place) => {
    const own = (cents[place] ?? 0) + (place === 0 ? rest - fault : 0);
    return { name, weight: own / 100 };
  });
}

function randomSettings(random: RandomSource): object {
  switch (random.below(9)) {
    case 0:
    case 1:
      return { variants: randomVariants(random) };
    case 2:
    case 3:
      return { holdout: random.pick(percents) };
    case 4:
      return { status: random.pick(statuses) };
    case 5:
      return { status: random.pick(statuses), variants: randomVariants(random) };
    case 6:
      return {
        ...{
          branches: [{ rule: 'visits > 3', variant: 'A' }],
          otherwise: random.pick([null, 'B']),
        },
        holdout: random.pick(percents),
      };
    case 7:
      return random.pick([{ variants: null, branches: null }, { salt: random.pick(['x', 'y']) }]);
    default:
      return random.pick([
        { segment: null, kind: 'reported' },
        { segment: 'Buyers', kind: 'stream' },
        { segment: random.pick(['VIPs', 'None']) },
        { unit: random.pick(['contact', 'email', 'emial']) },
      ]);
  }
}

export function randomFlowEdit(random: RandomSource): FlowEdit {
  const name = random.pick(flowNames);
  const settings = randomSettings(random);
  const share = random.pick([10, 25, 40, 60]);
  const made = (what: string, run: FlowEdit['run']): FlowEdit => ({ what, run });
  switch (random.below(10)) {
    case 0:
    case 1: {
      const flow = { name, segment: 'Buyers', ...settings };
      return made(`create ${JSON.stringify(flow)}`, (by) => createFlow(by, 1, flow));
    }
    case 2:
      return made(`remove ${name}`, (by) => removeFlow(by, 1, { reference: name }));
    case 3: {
      const members = flowNames.filter(() => random.chance(50));
      const flows = members.map((flow) => ({ flow, share: random.chance(70) ? share : 20 }));
      const group = { name: random.pick(['one', 'two']), flows };
      return made(`group ${JSON.stringify(group)}`, (by) => putExclusionGroup(by, 1, group));
    }
    case 4:
      if (random.chance(50))
        return made('no group', (by) => removeExclusionGroup(by, 1, { reference: 'one' }));
      return made(`global ${share}`, (by) => setGlobalHoldout(by, 1, { percent: share }));
    case 5: {
      const rule = random.pick(['visits > 1', `visits > ${random.below(9)}`, 'in_flow(100001)']);
      const edit = { reference: 'Buyers', rule };
      return made(`segment ${rule}`, (by) => editSegment(by, 1, edit));
    }
    default: {
      const edit = { reference: name, ...settings };
      return made(`edit ${JSON.stringify(edit)}`, (by) => editFlow(by, 1, edit));
    }
  }
}
