/** The results of `npm run bench:lookup` as a page and as numbers. */
import { usualAnswer } from './contact-call.ts';
import { contactJson, makeContact } from './contacts-data.ts';
import { type Figure, figureRows, judge } from './figure.ts';
import { formatTable } from './format-table.ts';
import {
  besideFigures,
  coldFigures,
  openFigures,
  scaleFigures,
  serverFigures,
} from './lookup-figures.ts';
import type { ColdStart } from './measure-cold-start.ts';
import type { BesideMeasurement, BesideRound } from './measure-import-beside.ts';
import { type OpenRounds, type OpenSummary, summarizeOpen } from './measure-open.ts';
import type { ScaleMeasurement } from './measure-scale.ts';
import { type ServerRounds, type ServerSummary, summarizeServers } from './measure-servers.ts';
import { type LookupOptions, parts } from './read-options.ts';
import { type Machine, versionOf, writeResults } from './write-results.ts';

export interface LookupOutcome {
  readonly options: LookupOptions;
  readonly machine: Machine;
  readonly servers: ServerRounds;
  readonly open: OpenRounds;
  readonly beside: readonly BesideRound[];
  readonly cold: readonly ColdStart[];
  readonly sizes: readonly (readonly ScaleMeasurement[])[];
}

export function reportLookup(outcome: LookupOutcome): void {
  const { options, machine, servers, open, beside, cold, sizes } = outcome;
  const figures = [
    ...serverFigures(servers),
    ...openFigures(open),
    ...besideFigures(beside),
    ...coldFigures(cold),
    ...scaleFigures(sizes, servers),
  ];
  const summaries = summarizeServers(servers);
  const tables = [
    ['Figures', figureRows(figures)],
    ['Servers', serverRows(summaries)],
    ['In an open loop (64 connections)', openRows(summarizeOpen(open))],
    ['While an import runs (usher, 1 worker, 64 connections)', besideRows(beside)],
    ['Cold start (requests/s in the first 2 s)', coldRows(cold)],
    ['Number of contacts (usher, 1 worker, 64 connections)', scaleRows(sizes)],
  ] as const;
  const shown = tables.filter(([, rows]) => rows.length > 1);
  const sections = shown.map(([title, rows]) => `## ${title}\n\n${formatTable(rows)}`);
  const data = describeData(options);
  writeResults({
    name: 'lookup',
    title: 'Look-ups compared with other servers',
    machine,
    notKept: isWhole(options) ? undefined : 'only whole runs are kept',
    text: [introduction(options, data), ...sections].join('\n\n'),
    data: {
      options: { ...options, versions: versions(servers) },
      data,
      figures: figures.map((figure: Figure) => ({ ...figure, verdict: judge(figure) })),
      servers: summaries,
      open: summarizeOpen(open),
      beside,
      cold,
      sizes,
    },
  });
}

/** The figures are promised for this number of contacts. */
function isWhole({ contacts, rounds, seconds, parts: measured, servers }: LookupOptions): boolean {
  const isLarge = contacts >= 1e6 && rounds >= 3 && seconds >= 4;
  return isLarge && servers.length === 0 && parts.every((part) => measured.includes(part));
}

function introduction(options: LookupOptions, data: ReturnType<typeof describeData>): string {
  return `There are ${options.contacts} contacts of ${data.contactBytes} bytes as JSON, with 40 fields of two datasets. A request asks for
24 fields (${data.answerBytes} bytes of body). The server and its database run on one core, the load (wrk) on the
other. CPU time is that of all processes of the server and its database. The figures are medians of
${options.rounds} interleaved rounds of ${options.seconds} s. A ratio is the median of the rounds' ratios.

*others %* is the part of the machine that other programs used meanwhile. If it is more than a few
per cent, do not trust the latencies and ratios. *disk faults* counts how often the server waited
for a page from the disk. It is 0 unless the system removed pages from memory.`;
}

function describeData(options: LookupOptions): { contactBytes: number; answerBytes: number } {
  const sample = Math.min(options.contacts, 1000);
  const sizes = Array.from({ length: sample }, (_, i) => contactJson(makeContact(i)).length);
  const contactBytes = Math.round(sizes.reduce((a, b) => a + b, 0) / sample);
  return { contactBytes, answerBytes: usualAnswer().length };
}

function serverRows(summaries: readonly ServerSummary[]): string[][] {
  const head = [
    'server',
    'connections',
    'CPU µs/request',
    'requests/s',
    'p50 µs',
    'p99 µs',
    'disk faults',
    'others %',
  ];
  const rows = summaries.map((it) => [
    it.key,
    String(it.connections),
    it.cpuUsPerRequest.toFixed(2),
    it.requestsPerSecond.toFixed(0),
    it.p50Us.toFixed(0),
    it.p99Us.toFixed(0),
    it.diskFaults.toFixed(0),
    (it.othersShare * 100).toFixed(0),
  ]);
  return [head, ...rows];
}

/** Latencies count from the moment at which a request was due. */
function openRows(summaries: readonly OpenSummary[]): string[][] {
  const times = ['p50 µs', 'p99 µs', 'p99.9 µs', 'worst µs'];
  const generator = ['generator late, p99.9 µs', 'generator CPU %'];
  const head = ['server', '% of capacity', 'requests/s', ...times, ...generator, 'others %'];
  const rows = summaries.map((it) => [
    it.key,
    (it.share * 100).toFixed(0),
    ...[it.rate, it.p50Us, it.p99Us, it.p999Us, it.worstUs, it.lateP999Us].map((x) => x.toFixed(0)),
    (it.cpuShare * 100).toFixed(0),
    (it.othersShare * 100).toFixed(0),
  ]);
  return [head, ...rows];
}

function besideRows(rounds: readonly BesideRound[]): string[][] {
  const look = ['look-up CPU µs/request', 'requests/s', 'p50 µs', 'p99 µs'];
  const head = ['round', 'when', ...look, 'writer CPU s', 'import CPU s', 'others %'];
  const row = (round: number, when: string, it: BesideMeasurement): string[] => [
    String(round),
    when,
    it.cpuUsPerRequest.toFixed(2),
    it.requestsPerSecond.toFixed(0),
    it.p50Us.toFixed(0),
    it.p99Us.toFixed(0),
    it.writerSeconds.toFixed(2),
    it.importSeconds.toFixed(2),
    (it.othersShare * 100).toFixed(0),
  ];
  const rows = rounds.flatMap(({ quiet, reading, applying }, i) => [
    row(i + 1, 'quiet', quiet),
    row(i + 1, 'reading', reading),
    row(i + 1, 'applying', applying),
  ]);
  return [head, ...rows];
}

function coldRows(rounds: readonly ColdStart[]): string[][] {
  const head = ['round', 'cold', 'restarted, pages in memory', 'warm', 'cold start to ready ms'];
  const rows = rounds.map((it, i) => {
    const numbers = [it.cold, it.restarted, it.warm, it.coldReadyMs];
    return [String(i + 1), ...numbers.map((number) => number.toFixed(0))];
  });
  return [head, ...rows];
}

function scaleRows(sizes: readonly (readonly ScaleMeasurement[])[]): string[][] {
  const head = ['contacts', 'round', 'CPU µs/request', 'memory MB', 'disk faults', 'others %'];
  const rows = sizes.flatMap((rounds) =>
    rounds.map((it, i) => [
      String(it.contacts),
      String(i + 1),
      it.cpuUsPerRequest.toFixed(2),
      (it.anonymousMemory / 2 ** 20).toFixed(1),
      it.diskFaults.toFixed(0),
      (it.othersShare * 100).toFixed(0),
    ]),
  );
  return [head, ...rows];
}

function versions(servers: ServerRounds): Record<string, string> {
  if (servers.size === 0) return {};
  return {
    nginx: versionOf('nginx', '-v'),
    redis: versionOf('redis-server', '--version'),
    postgres: versionOf('psql', '--version'),
  };
}
