/** Why a contact is in its flows, in words: each step with its numbers. */
import type { ExplainedBranch, ExplainedFlow } from '../../explain/explain-flows.ts';
import { clauseLines, indented, quoted, ruleWords, truthWord } from './line-words.ts';

export function flowLines(flows: readonly ExplainedFlow[]): string[] {
  if (flows.length === 0) return [];
  const members = flows.filter(({ is_member }) => is_member).length;
  return [`FLOWS: in ${members} of ${flows.length}`, ...indented(flows.flatMap(linesOf), 2)];
}

function linesOf(flow: ExplainedFlow): string[] {
  const { id, name, variant, is_member, status, is_in_segment, segment, left_out } = flow;
  const shown = variant === null ? '' : `, variant ${quoted(variant)}`;
  return [
    `${is_member ? 'in    ' : 'not in'} flow ${id} ${quoted(name)}${shown}`,
    ...indented(
      [
        ...(status === 'live' ? [] : [`the flow is ${status}, so nobody is in it`]),
        ...(segment === null
          ? []
          : [`${is_in_segment ? 'in' : 'not in'} segment ${quoted(segment)}`]),
        ...holdoutLines(flow),
        ...groupLines(flow),
        ...experimentLines(flow),
        ...branchLines(flow),
        ...(left_out === null ? [] : [leftOutWords(flow, left_out)]),
      ],
      9,
    ),
  ];
}

function holdoutLines({ global_holdout: holdout, left_out }: ExplainedFlow): string[] {
  if (holdout === null || holdout.percent === 0) return [];
  const verdict = left_out === 'global_holdout' ? 'is held out' : 'is not held out';
  const shares = `held out ${holdout.percent} % (${holdout.held_out})`;
  return [stepWords('global holdout', holdout, { verdict, shares })];
}

function groupLines({ group }: ExplainedFlow): string[] {
  if (group === null) return [];
  const verdict = `belongs to ${ownerWords(group)}`;
  const shares = `this flow ${group.share} % (${group.slots})`;
  return [stepWords(`exclusion group ${quoted(group.name)}`, group, { verdict, shares })];
}

/** Branches without a holdout need no slot. */
function experimentLines(flow: ExplainedFlow): string[] {
  const { variants, variant, holdout, held_out, left_out } = flow;
  const isDecided = left_out === 'global_holdout' || left_out === 'excluded';
  if ((variants === null && holdout === 0) || isDecided) return [];
  const weights = (variants ?? []).map(
    ({ name, weight, slots }) => `${quoted(name)} ${weight} % (${slots})`,
  );
  const held = holdout === 0 ? [] : [`held out ${holdout} % (${held_out})`];
  const chosen = variants === null || variant === null ? '' : `is in ${quoted(variant)}`;
  const verdict = left_out === 'held_out' ? 'is held out' : chosen;
  return [stepWords('experiment', flow, { verdict, shares: [...weights, ...held].join(', ') })];
}

interface SlotParts {
  readonly slot: number | null;
  readonly unit: string;
  readonly unit_value: string | null;
  readonly salt: string;
}

/** The last words say how to compute the slot by hand. */
function stepWords(
  step: string,
  { slot, unit, unit_value, salt }: SlotParts,
  { verdict, shares }: { readonly verdict: string; readonly shares: string },
): string {
  const what = unit === 'contact' ? 'contact id' : unit;
  if (slot === null) return `${step}: no slot, because the contact has no ${what}; ${shares}`;
  const hashed = unit_value === null ? what : `${what}, ${unit_value}:${salt}`;
  return `${step}: slot ${slot}${verdict === '' ? '' : ` ${verdict}`}; ${shares}; by ${hashed}`;
}

function branchLines({ branches, otherwise, is_member }: ExplainedFlow): string[] {
  if (branches === null) return [];
  const isOther = is_member && !branches.some(({ is_chosen }) => is_chosen);
  return [
    ...branches.flatMap(linesOfBranch),
    `otherwise: ${otherwise === null ? 'no variant' : quoted(otherwise)}${isOther ? ', chosen' : ''}`,
  ];
}

function linesOfBranch({ variant, rule, is_true, is_chosen, clauses }: ExplainedBranch): string[] {
  const head = `branch ${quoted(variant)}: ${truthWord(is_true)}${is_chosen ? ', chosen' : ''}`;
  if (clauses.length > 0) return [head, ...indented(clauseLines(clauses), 2)];
  return [`${head}: this rule cannot be evaluated: ${ruleWords(rule)}`];
}

function leftOutWords({ unit, group }: ExplainedFlow, leftOut: LeftOut): string {
  if (leftOut === 'global_holdout') return 'left out: held out of all flows';
  if (leftOut === 'excluded') {
    return `left out: its slot of the exclusion group belongs to ${ownerWords(group)}`;
  }
  if (leftOut === 'held_out') return 'left out: held out of this flow';
  const missing = group !== null && group.slot === null ? group.unit : unit;
  return `left out: the contact has no identity of the type ${missing}`;
}

function ownerWords(group: ExplainedFlow['group']): string {
  const owner = group?.owner ?? null;
  return owner === null ? 'no flow' : quoted(owner);
}

type LeftOut = NonNullable<ExplainedFlow['left_out']>;
