/** The results of `npm run bench:privacy` as a page and as numbers. */
import { type Bounds, type Figure, figureRows, judge, ratio } from '../lookup/figure.ts';
import { formatTable } from '../lookup/format-table.ts';
import { median } from '../lookup/median.ts';
import { describeMachine, writeResults } from '../lookup/write-results.ts';
import type { Erasures } from './measure-erasures.ts';
import type { LoadRound, Loads } from './measure-loads.ts';

export interface PrivacyOutcome {
  readonly contacts: number;
  readonly rounds: number;
  readonly loads: Loads;
  readonly erasures: Erasures;
}

export function reportPrivacy(outcome: PrivacyOutcome): void {
  const { contacts, rounds, loads, erasures } = outcome;
  const figures = privacyFigures(outcome);
  const head = ['first load', 'CPU s', 'wall s', 'others %'];
  const [none, suppressed] = [rowOf('nobody', loads.none), rowOf('erased', loads.suppressed)];
  const sorted = erasures.oneMs.toSorted((one, other) => one - other);
  writeResults({
    name: 'privacy',
    title: 'What erasures cost',
    machine: describeMachine(new Date()),
    notKept:
      contacts >= 1e6 && rounds >= 3
        ? undefined
        : 'only runs of a million contacts and three rounds are kept',
    text: [
      `There are ${contacts} contacts, each with a number, an e-mail address and 18 values.`,
      `## Figures\n\n${formatTable(figureRows(figures))}`,
      `## First loads by who is suppressed\n\n${formatTable([head, none, suppressed])}`,
      `One erasure took ${sorted.at(0)?.toFixed(0)} to ${sorted.at(-1)?.toFixed(0)} ms. The server
answered ${erasures.lookups} look-ups meanwhile.`,
    ].join('\n\n'),
    data: {
      contacts,
      figures: figures.map((figure) => ({ ...figure, verdict: judge(figure) })),
      loads: { none: loads.none, suppressed: loads.suppressed },
      erasures,
    },
  });
}

function privacyFigures({ contacts, loads, erasures }: PrivacyOutcome): Figure[] {
  const seconds = (what: string, must: number, aim: number): Bounds => ({
    ...{ what, bound: 'at most', must, aim, unit: 's' },
  });
  const one = `one erasure, from request to receipt, ${contacts} contacts, server under load`;
  const cpu = (rounds: readonly LoadRound[]) => rounds.map(({ cpuMs }) => cpuMs);
  const load: Bounds = {
    what: `first load with ${loads.erased} suppressed identities, CPU time, against none`,
    ...{ bound: 'at most', must: 1.05, aim: 1.02, unit: 'times' },
  };
  return [
    {
      ...seconds(`${one}, median of ${erasures.oneMs.length}`, 10, 1),
      ...{ measured: median(erasures.oneMs) / 1_000, rounds: [] },
    },
    {
      ...seconds(`${erasures.many} erasures in one request`, 60, 20),
      ...{ measured: erasures.manyMs / 1_000, rounds: [] },
    },
    ratio(load, cpu(loads.suppressed), cpu(loads.none)),
  ];
}

function rowOf(name: string, rounds: readonly LoadRound[]): string[] {
  const seconds = (of: 'cpuMs' | 'wallMs') =>
    (median(rounds.map((round) => round[of])) / 1_000).toFixed(2);
  const others = rounds.map(({ othersShare }) => (othersShare * 100).toFixed(0)).join(', ');
  return [name, seconds('cpuMs'), seconds('wallMs'), others];
}
