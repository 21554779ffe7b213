/** The results of `npm run bench:memberships` as a page and as numbers. */
import { type Bounds, type Figure, figureRows, judge, ratio } from '../lookup/figure.ts';
import { formatTable } from '../lookup/format-table.ts';
import type { Measurement } from '../lookup/measure.ts';
import { median } from '../lookup/median.ts';
import { describeMachine, writeResults } from '../lookup/write-results.ts';
import { type LookupRound, type TurnName, turnNames } from './measure-lookups.ts';
import type { PreviewBesideRound } from './measure-preview-beside.ts';
import type { PreviewRound, PreviewTime } from './measure-previews.ts';
import type { SaveTime } from './measure-saves.ts';
import { type Side, type SideName, sideCounts } from './side.ts';

export interface MembershipsOutcome {
  readonly contacts: number;
  readonly rounds: number;
  readonly now: string;
  /** The name of the other checkout. */
  readonly before: string | undefined;
  readonly sides: Record<SideName, Side>;
  readonly lookups: readonly LookupRound[];
  readonly previews: readonly PreviewRound[];
  readonly saves: readonly SaveTime[];
  readonly beside: readonly PreviewBesideRound[];
}

export function reportMemberships(outcome: MembershipsOutcome): void {
  const { contacts, rounds, now, before, sides, lookups, previews, saves, beside } = outcome;
  const figures = membershipFigures(outcome);
  const isWhole = contacts >= 1e6 && rounds >= 7 && before !== undefined;
  writeResults({
    name: 'memberships',
    title: 'What segments and flows cost',
    machine: describeMachine(new Date()),
    notKept: isWhole
      ? undefined
      : 'only comparisons of a million contacts and seven rounds are kept',
    text: [
      introduction(outcome),
      `## Figures\n\n${formatTable(figureRows(figures))}`,
      `## Look-ups (medians of the rounds)\n\n${formatTable(lookupRows(lookups))}`,
      `## Exact previews\n\n${formatTable(previewRows(previews))}`,
      `## Look-ups beside previews\n\n${formatTable(besideRows(beside))}`,
      `## Saved rules\n\n${saveWords(saves, sides)}`,
    ].join('\n\n'),
    data: {
      ...{ contacts, now, before },
      figures: figures.map((figure) => ({ ...figure, verdict: judge(figure) })),
      lookups: lookups.map((round) => Object.fromEntries(round)),
      ...{ previews, saves, beside },
    },
  });
}

function introduction({ contacts, rounds, now, before }: MembershipsOutcome): string {
  const other = before === undefined ? '' : ` *Before* is ${before}.`;
  const { few, some, many } = sideCounts;
  return `This checkout is ${now}.${other} There are ${contacts} contacts with 40 fields of two datasets.
*None* has nothing defined, *few* ${few.flows} live flows and a segment for each, *some* ${some.segments}
segments and ${some.flows} live flows, *many* ${many.segments + 1} segments and ${many.flows} live flows.
Each request asks for 24 fields, and for the memberships that are named. Servers use one core, the load
another. The look-ups of the table take turns of a second in ${rounds} rounds. A ratio is the median of the
rounds' ratios. *others %* is the part of the machine that other programs used.`;
}

function atMost(what: string, must: number, aim: number, unit: Figure['unit'] = 'times'): Bounds {
  return { what, bound: 'at most', must, aim, unit };
}

function membershipFigures(outcome: MembershipsOutcome): Figure[] {
  const { before, lookups, previews, saves, beside } = outcome;
  const cpu = (name: TurnName) =>
    lookups.map((round) => round.get(name)?.cpuUsPerRequest ?? Number.NaN);
  const compared = (bounds: Bounds, one: TurnName, other: TurnName) =>
    ratio(bounds, cpu(one), cpu(other));
  const figures = [
    compared(
      atMost('20 flows and their segments, all memberships asked for, CPU', 1.3, 1.15),
      'few, memberships',
      'none, memberships',
    ),
    compared(
      atMost('50 segments and 20 flows, all memberships asked for, CPU', 1.35, 1.2),
      'some, memberships',
      'none, memberships',
    ),
    compared(
      atMost('2,000 segments and 400 flows, no membership asked for, CPU', 1.04, 1.0),
      'many, nothing',
      'none, nothing',
    ),
    compared(
      atMost('2,000 segments and 400 flows, all flows asked for, CPU', 8, 4),
      'many, flows',
      'none, flows',
    ),
    seconds(atMost('exact preview of one rule', 10, 5, 's'), previews, 'one'),
    seconds(atMost('exact preview of 50 rules', 15, 7, 's'), previews, 'fifty'),
    savedFigure(saves),
    besideFigure(
      atMost('look-ups while a preview runs, CPU', 1.15, 1.05),
      beside,
      'cpuUsPerRequest',
    ),
    besideFigure(atMost('look-ups while a preview runs, p99', 3, 2), beside, 'p99Us'),
  ];
  if (before !== undefined) {
    const bounds = atMost('nothing defined, CPU, against before', 1.04, 1.0);
    figures.splice(2, 0, compared(bounds, 'none, nothing', 'before, nothing'));
  }
  return figures;
}

function seconds(
  bounds: Bounds,
  previews: readonly PreviewRound[],
  which: keyof PreviewRound,
): Figure {
  const rounds = previews.map((round) => round[which].wallMs / 1_000);
  return { ...bounds, measured: median(rounds), rounds };
}

/** The slowest one counts: it is a promise, and not an average. */
function savedFigure(saves: readonly SaveTime[]): Figure {
  const bounds = atMost('a saved rule answers in all threads', 1, 0.2, 's');
  const measured = Math.max(...saves.map(({ answersMs }) => answersMs)) / 1_000;
  return { ...bounds, measured, rounds: [], note: `the slowest of ${saves.length}` };
}

function besideFigure(
  bounds: Bounds,
  rounds: readonly PreviewBesideRound[],
  by: 'cpuUsPerRequest' | 'p99Us',
): Figure {
  const of = (which: 'quiet' | 'beside') => rounds.map((round) => round[which][by]);
  return ratio(bounds, of('beside'), of('quiet'));
}

function lookupRows(rounds: readonly LookupRound[]): string[][] {
  const head = [
    'defined, asked for',
    'CPU µs/request',
    'requests/s',
    'p50 µs',
    'p99 µs',
    'others %',
  ];
  const rows = turnNames.flatMap((name) => {
    const found = rounds.flatMap((round) => round.get(name) ?? []);
    if (found.length === 0) return [];
    const of = (what: keyof Measurement) => median(found.map((one) => one[what]));
    const [cpu, rate] = [of('cpuUsPerRequest').toFixed(2), of('requestsPerSecond').toFixed(0)];
    const [p50, p99] = [of('p50Us').toFixed(0), of('p99Us').toFixed(0)];
    return [[name, cpu, rate, p50, p99, (of('othersShare') * 100).toFixed(0)]];
  });
  return [head, ...rows];
}

function previewRows(rounds: readonly PreviewRound[]): string[][] {
  const row = (round: number, what: string, { wallMs, cpuMs, othersShare }: PreviewTime) => [
    ...[String(round), what, (wallMs / 1_000).toFixed(2), (cpuMs / 1_000).toFixed(2)],
    (othersShare * 100).toFixed(0),
  ];
  const rows = rounds.flatMap(({ one, fifty }, place) => [
    row(place + 1, 'one rule', one),
    row(place + 1, '50 rules', fifty),
  ]);
  return [['round', 'what', 'wall s', 'CPU s', 'others %'], ...rows];
}

function besideRows(rounds: readonly PreviewBesideRound[]): string[][] {
  const head = ['round', 'when', 'look-up CPU µs/request', 'p50 µs', 'p99 µs', 'others %'];
  const rows = rounds.flatMap(({ quiet, beside }, place) =>
    Object.entries({ quiet, beside }).map(([when, found]) => [
      ...[String(place + 1), when, found.cpuUsPerRequest.toFixed(2)],
      ...[found.p50Us.toFixed(0), found.p99Us.toFixed(0), (found.othersShare * 100).toFixed(0)],
    ]),
  );
  return [head, ...rows];
}

function saveWords(saves: readonly SaveTime[], { many }: Record<SideName, Side>): string {
  const of = (which: keyof SaveTime) => median(saves.map((save) => save[which])).toFixed(0);
  const { segments, flows } = sideCounts.many;
  return `With ${segments + 1} segments and ${flows} flows, a change of a rule was answered after ${of('savedMs')} ms, and
answered in all threads ${of('answersMs')} ms later (medians). Applying all definitions from a file took ${(many.applyMs / 1_000).toFixed(2)} s.`;
}
