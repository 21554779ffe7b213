/** What is wrong with an experiment or an exclusion group. An empty list: nothing. */
import { maxGroupFlows, maxSaltLength, maxVariantNameLength, maxVariants } from '../limits.ts';
import { hasMarkup } from '../membership/definition-name.ts';
import { hasLength } from '../text-characters.ts';
import type { ExclusionGroup, Experiment, Flow, GlobalHoldout, WeightedSplit } from './flow.ts';
import { variantNames } from './flow.ts';
import { slotsOfPercent } from './flow-slots.ts';
import { isSalt } from './slot-hash.ts';
import { slotCount } from './slots.ts';

export interface FlowFault {
  /** JSON pointer below the experiment, the flow or the group. */
  readonly path: string;
  /** Says what is wrong and what to do. */
  readonly detail: string;
}

export function experimentFaults({ holdout, split }: Experiment): readonly FlowFault[] {
  const faults = percentFaults('/holdout', holdout, 0);
  if (split.by === 'weight') return [...faults, ...weightFaults(split)];
  const { branches, otherwise } = split;
  return [
    ...faults,
    ...countFaults('/branches', branches.length, 'branches'),
    ...branches.flatMap(({ variant }, place) => nameFaults(`/branches/${place}/variant`, variant)),
    ...(otherwise === null ? [] : nameFaults('/otherwise', otherwise)),
  ];
}

function weightFaults({ variants }: WeightedSplit): readonly FlowFault[] {
  const names = variants.map(({ name }) => name);
  const faults = [
    ...countFaults('/variants', variants.length, 'variants'),
    ...names.flatMap((name, place) => nameFaults(`/variants/${place}/name`, name)),
    ...names.flatMap((name, place) => {
      if (names.indexOf(name) === place) return [];
      const detail = `Two variants are named "${name}". Give each its own name.`;
      return [{ path: `/variants/${place}/name`, detail }];
    }),
    ...variants.flatMap(({ weight }, place) =>
      percentFaults(`/variants/${place}/weight`, weight, 1),
    ),
  ];
  const sum = sumOf(variants.map(({ weight }) => weight));
  if (faults.length > 0 || sum === slotCount) return faults;
  const change = sum < slotCount ? 'add' : 'take';
  const where = sum < slotCount ? 'to' : 'from';
  const difference = Math.abs(slotCount - sum) / 100;
  const detail = `The weights sum to ${sum / 100}, not to 100: ${change} ${difference} ${where} one or more.`;
  return [{ path: '/variants', detail }];
}

/** Faults of a change to a flow that is live: its variants keep their names. */
export function liveChangeFaults(
  before: Pick<Flow, 'status' | 'experiment'>,
  after: Pick<Flow, 'experiment'>,
): readonly FlowFault[] {
  if (before.status !== 'live' || before.experiment === null) return [];
  const kept = after.experiment === null ? [] : variantNames(after.experiment);
  const gone = variantNames(before.experiment).filter((name) => !kept.includes(name));
  if (gone.length === 0) return [];
  const names = gone.map((name) => `"${name}"`).join(', ');
  const detail = `The flow is live, and answers with ${names}. A variant of a live flow cannot be renamed or removed: keep it, or pause the flow first.`;
  return [{ path: '/experiment', detail }];
}

export function groupFaults({ shares, salt }: Pick<ExclusionGroup, 'shares' | 'salt'>) {
  const ids = shares.map(({ flowId }) => flowId);
  const faults: readonly FlowFault[] = [
    ...saltFaults(salt),
    ...(shares.length > maxGroupFlows
      ? [{ path: '/flows', detail: `A group has at most ${maxGroupFlows} flows.` }]
      : []),
    ...shares.flatMap(({ flowId, share }, place) => [
      ...percentFaults(`/flows/${place}/share`, share, 1),
      ...(ids.indexOf(flowId) === place
        ? []
        : [{ path: `/flows/${place}/flow`, detail: 'The flow is named twice. Name it once.' }]),
    ]),
  ];
  const sum = sumOf(shares.map(({ share }) => share));
  if (faults.length > 0 || sum <= slotCount) return faults;
  const detail = `The shares sum to ${sum / 100}. They may sum to at most 100: take ${(sum - slotCount) / 100} from one or more.`;
  return [{ path: '/flows', detail }];
}

export function globalHoldoutFaults({ percent, salt }: GlobalHoldout): readonly FlowFault[] {
  return [...percentFaults('/percent', percent, 0), ...saltFaults(salt)];
}

function saltFaults(salt: string): readonly FlowFault[] {
  if (isSalt(salt)) return [];
  const detail = `A salt has 1 to ${maxSaltLength} letters (a to z, A to Z), digits, dots, hyphens and underscores.`;
  return [{ path: '/salt', detail }];
}

/** @param least the fewest slots */
function percentFaults(path: string, percent: number, least: 0 | 1): readonly FlowFault[] {
  const isWhole = slotsOfPercent(percent) / 100 === percent;
  if (isWhole && percent * 100 >= least && percent <= 100) return [];
  const from = least === 0 ? '0' : '0.01';
  return [{ path, detail: `Give a percentage from ${from} to 100 with at most two decimals.` }];
}

function countFaults(path: string, count: number, what: string): readonly FlowFault[] {
  if (count >= 1 && count <= maxVariants) return [];
  return [{ path, detail: `Give 1 to ${maxVariants} ${what}.` }];
}

function nameFaults(path: string, name: string): readonly FlowFault[] {
  const isFine = hasLength(name, maxVariantNameLength) && name.trim() === name;
  if (isFine && !hasMarkup(name)) return [];
  const detail = `A variant's name has 1 to ${maxVariantNameLength} characters, without spaces at its ends, other spaces than the usual one, control and invisible characters, quotes ("), backslashes, backticks, < and >.`;
  return [{ path, detail }];
}

function sumOf(percents: readonly number[]): number {
  return percents.reduce((total, percent) => total + slotsOfPercent(percent), 0);
}
