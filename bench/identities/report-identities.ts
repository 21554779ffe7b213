/** The results of `npm run bench:identities` as a page and as numbers. */
import { type Bounds, type Figure, figureRows, judge, ratio } from '../lookup/figure.ts';
import { formatTable } from '../lookup/format-table.ts';
import { median } from '../lookup/median.ts';
import { describeMachine, writeResults } from '../lookup/write-results.ts';
import { type Merge, merges } from './measure-merges.ts';
import type { Measurement } from './measure-phases.ts';
import { type Phase, phases } from './side.ts';

export interface Round extends Measurement {
  /** The share of the machine that other programs used, from 0 to 1. */
  readonly othersShare: number;
}

/** What was measured of a checkout. */
export interface Measured {
  /** Its commit. */
  readonly name: string;
  readonly rounds: ReadonlyMap<Phase, readonly Round[]>;
  /** The bytes of the store after the first load and a compaction. */
  readonly bytes: number;
}

export interface IdentitiesOutcome {
  readonly contacts: number;
  readonly now: Measured;
  readonly before: Measured | undefined;
  readonly merged: readonly Merge[];
}

const words: Readonly<Record<Phase, string>> = {
  first: 'first load',
  again: 'the same file again',
  changed: '1 % changed rows',
  moved: '1 % rows whose e-mail moved to another contact',
  joined: 'identity rows that join the contacts in pairs',
};

const lookup = { must: 1.04, aim: 0.95 } as const;
const bytes = { must: 1.05, aim: 1.02 } as const;
const merge = { must: 5, aim: 2 } as const;

/** The phases that are compared with another checkout, and with which phase there. */
const compared: readonly (readonly [Phase, Phase, must: number, aim: number])[] = [
  ['first', 'first', 1.15, 1.05],
  ['again', 'again', 1.1, 1.0],
  ['changed', 'again', 2, 1.6],
  ['moved', 'again', 2.5, 1.8],
];

export function reportIdentities(outcome: IdentitiesOutcome): void {
  const { contacts, now, before, merged } = outcome;
  const figures = identityFigures(outcome);
  const sides = before === undefined ? [now] : [before, now];
  const head = ['checkout', 'what', 'CPU s', 'wall s', 'CPU s by round', 'others %'];
  const lines = sides.flatMap(({ name, rounds }) =>
    [...rounds].map(([phase, each]) => [name, words[phase], ...timesOf(each)]),
  );
  const sizes = sides.map(({ name, bytes }) => `${name}: ${(bytes / contacts).toFixed(1)}`);
  const isWhole = contacts >= 1e6 && (now.rounds.get('first')?.length ?? 0) >= 3;
  writeResults({
    name: 'identities',
    title: 'What identities cost',
    machine: describeMachine(new Date()),
    notKept:
      isWhole && before !== undefined
        ? undefined
        : 'only comparisons of a million contacts and three rounds are kept',
    text: [
      introduction(outcome),
      `## Figures\n\n${formatTable(tableRows(figures))}`,
      `## Times\n\n${formatTable([head, ...lines])}`,
      `Bytes of a contact: ${sizes.join(', ')}. ${mergeWords(merged)}`,
    ].join('\n\n'),
    data: {
      contacts,
      figures: figures.map((figure) => ({ ...figure, verdict: judge(figure) })),
      checkouts: sides.map(({ rounds, ...side }) => ({ ...side, ...Object.fromEntries(rounds) })),
      merged,
    },
  });
}

/** Look-ups have a comparison of their own, which needs servers and a load. */
function tableRows(figures: readonly Figure[]): string[][] {
  const [head = [], ...rows] = figureRows(figures);
  const [what, bound] = ['look-up, CPU time, against before', `at most ${lookup.must} times`];
  const how = 'npm run bench:lookup -- --compare COMMIT';
  return [head, [what, bound, String(lookup.aim), '', '', how], ...rows];
}

function introduction({ contacts, now, before }: IdentitiesOutcome): string {
  const sides =
    before === undefined
      ? `This checkout is ${now.name}.`
      : `This checkout is ${now.name}, and *before* is ${before.name}.`;
  return `${sides}
There are ${contacts} contacts, each with a number, an e-mail address and 18 values in one
row of a CSV file. The system has the files in its cache, and all cores are used. The times are
medians of interleaved rounds. A ratio is the median of the rounds' ratios of CPU time, which is
that of all processes of a command.`;
}

function identityFigures({ contacts, now, before, merged }: IdentitiesOutcome): Figure[] {
  const figures: Figure[] = [];
  const cpu = (side: Measured, phase: Phase) =>
    (side.rounds.get(phase) ?? []).map(({ cpuMs }) => cpuMs);
  const times = (what: string, must: number, aim: number): Bounds => ({
    ...{ what, bound: 'at most', must, aim, unit: 'times' },
  });
  if (before !== undefined) {
    for (const [phase, against, must, aim] of compared) {
      const what = `${words[phase]}, CPU time, against ${words[against]} before`;
      figures.push(ratio(times(what, must, aim), cpu(now, phase), cpu(before, against)));
    }
  }
  const joined = `${contacts / 2} ${words.joined}, CPU time, against the contacts' first load`;
  figures.push(ratio(times(joined, 3, 1.5), cpu(now, 'joined'), cpu(now, 'first')));
  if (before !== undefined) {
    const what = 'bytes of a contact with two identities, against before';
    const bounds = times(what, bytes.must, bytes.aim);
    figures.push(ratio(bounds, [now.bytes], [before.bytes]));
  }
  figures.push({
    what: `merge of two contacts with 50 identities and 20 sections each, median of ${merges}`,
    ...{ bound: 'at most', unit: 'ms', ...merge },
    ...{ measured: median(merged.map(({ wallMs }) => wallMs)), rounds: [] },
  });
  return figures;
}

function timesOf(rounds: readonly Round[]): string[] {
  const seconds = (ms: number) => (ms / 1000).toFixed(2);
  return [
    seconds(median(rounds.map(({ cpuMs }) => cpuMs))),
    seconds(median(rounds.map(({ wallMs }) => wallMs))),
    rounds.map(({ cpuMs }) => seconds(cpuMs)).join(', '),
    rounds.map(({ othersShare }) => (othersShare * 100).toFixed(0)).join(', '),
  ];
}

function mergeWords(merged: readonly Merge[]): string {
  const wall = merged.map(({ wallMs }) => wallMs);
  const cpuMs = median(merged.map((it) => it.cpuMs)).toFixed(2);
  const [fastest, slowest] = [Math.min(...wall).toFixed(2), Math.max(...wall).toFixed(2)];
  return `A merge took ${fastest} to ${slowest} ms, and ${cpuMs} ms of CPU time.`;
}

/** The phases that a side has: an earlier checkout has only those that others are compared with. */
export function phasesOf(isNow: boolean): readonly Phase[] {
  return isNow
    ? phases
    : phases.filter((phase) => compared.some(([, against]) => against === phase));
}
