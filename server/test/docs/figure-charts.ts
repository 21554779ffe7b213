/**
 * The figures of `docs/performance.md`: a table and a chart of each, drawn from the results of the
 * benchmarks, so that they cannot differ from what was measured. A figure without results has none
 * until a run measures it.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { escapeHtml } from '../../src/http/pages/docs-frame.ts';
import { root } from './pages.ts';

export const performancePath = 'docs/performance.md';

/** Beside `docs`, with the beginning of the names of all charts. */
const chartStart = 'pictures/figure-';

/** The results that hold a figure, and the beginning of its name there. */
const shown: readonly { readonly results: string; readonly what: string }[] = [
  { results: 'lookup', what: 'CPU per request against nginx' },
  { results: 'lookup', what: 'CPU per request against webdis' },
  { results: 'lookup', what: 'p99 against webdis' },
  { results: 'lookup', what: 'CPU per request with 2 workers against 1' },
  { results: 'lookup', what: 'p99 with 2 workers against 1' },
  { results: 'lookup', what: 'p99.9 in an open loop' },
  { results: 'lookup', what: 'CPU per request while an import runs' },
  { results: 'lookup', what: 'p99 while an import runs' },
  { results: 'lookup', what: 'CPU per request at' },
  { results: 'memberships', what: '20 flows and their segments, all memberships asked for' },
  { results: 'memberships', what: '50 segments and 20 flows, all memberships asked for' },
  { results: 'sync', what: "sync of CSV, first, against DuckDB's own scan" },
  { results: 'sync', what: 'sync of CSV, first, against COPY' },
  { results: 'sync', what: "sync of CSV, again, against DuckDB's own scan" },
  { results: 'sync', what: "sync of CSV, changed, against DuckDB's own scan" },
  { results: 'lookup', what: 'anonymous memory of the server' },
];

interface MeasuredFigure {
  readonly what: string;
  readonly bound: 'at most' | 'at least';
  readonly must: number;
  readonly aim?: number;
  readonly unit: string;
  readonly measured: number;
  readonly rounds: readonly number[];
  readonly verdict: string;
}

interface Shown extends MeasuredFigure {
  readonly date: string;
  readonly results: string;
}

interface Results {
  readonly machine: { readonly date: string };
  readonly figures: readonly MeasuredFigure[];
}

function readShown(): Shown[] {
  return shown.flatMap(({ results, what }) => {
    const path = join(root, 'bench/results', `${results}.json`);
    if (!existsSync(path)) return [];
    const { machine, figures }: Results = JSON.parse(readFileSync(path, 'utf8'));
    const found = figures.find((figure) => figure.what.startsWith(what));
    return found === undefined ? [] : [{ ...found, date: machine.date, results }];
  });
}

/** The texts of all charts, by their paths from the root. */
export function figureCharts(): ReadonlyMap<string, string> {
  return new Map(readShown().map((figure) => [`docs/${pathOf(figure)}`, chartOf(figure)]));
}

/** The paths of all charts that exist. */
export function existingCharts(): string[] {
  return globSync(`docs/${chartStart}*.svg`, { cwd: root }).sort();
}

const heading = '\n## Measured\n';

/** The page with its figures as the results have them. */
export function performancePage(page: string): string {
  const start = page.indexOf(heading);
  if (start < 0) throw new Error(`${performancePath} has no section "Measured"`);
  const rest = page.slice(start + heading.length);
  const end = rest.search(/^(?:## |\| |!\[)/m);
  const prose = rest.slice(0, end < 0 ? rest.length : end).trim();
  const next = rest.search(/^## /m);
  const after = next < 0 ? '' : `\n\n${rest.slice(next)}`;
  const figures = readShown();
  const pictures = figures.map((figure) => wrapped(`![${wordsOf(figure)}](${pathOf(figure)})`));
  const parts = [prose, tableOf(figures), ...pictures];
  return `${page.slice(0, start)}${heading}\n${parts.join('\n\n')}${after}`.trimEnd().concat('\n');
}

function tableOf(figures: readonly Shown[]): string {
  const rows = figures.map(({ what, bound, must, aim, unit, measured, verdict, date, results }) => {
    const cells = [what, `${bound} ${must} ${unit}`, aim ?? '', digits(measured), verdict];
    return `| ${[...cells, `\`${results}\`, ${date}`].join(' | ')} |`;
  });
  const head = '| figure | must | aim | measured | verdict | results of |';
  return [head, '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n');
}

/** For people who cannot see the picture. */
function wordsOf({ what, bound, must, aim, unit, measured }: Shown): string {
  const wanted = aim === undefined ? '' : `, aim ${aim}`;
  return `${plain(what)}: ${digits(measured)} ${unit}; must be ${bound} ${must}${wanted}`;
}

/** In lines of at most 100 columns. */
function wrapped(text: string): string {
  return text.replaceAll(/(.{1,100})(?: |$)/g, '$1\n').trimEnd();
}

/** Enough to tell all figures apart. */
const nameWords = 9;

/** From `docs`. */
function pathOf({ what }: MeasuredFigure): string {
  const words = what.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return `${chartStart}${words.slice(0, nameWords).join('-')}.svg`;
}

const size = { width: 720, height: 144, left: 20, right: 700, top: 62, bar: 22 } as const;

/** The median as a bar, the rounds as dots on it, the bounds as lines. */
function chartOf(figure: Shown): string {
  const { what, bound, must, aim, unit, measured, rounds, verdict, date } = figure;
  const most = Math.max(must, measured, ...rounds, aim ?? 0) * 1.08;
  const { width, height, left, right, top, bar } = size;
  const x = (value: number) => (left + ((right - left) * value) / most).toFixed(1);
  const middle = top + bar / 2;
  const barWidth = (Number(x(measured)) - left).toFixed(1);
  const line = (name: 'must' | 'aim', value: number, y: number) => [
    `<line class="${name}" x1="${x(value)}" x2="${x(value)}" y1="${top - 8}" y2="${top + bar + 8}"/>`,
    `<text x="${x(value)}" y="${y}" text-anchor="${anchorAt(value / most)}">${words[name]} ${value}</text>`,
  ];
  const words = { must: `must be ${bound}`, aim: 'aim' };
  const said = `measured ${digits(measured)} ${unit} on ${date}: ${verdict.toLowerCase()}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"`,
    `viewBox="0 0 ${width} ${height}" role="img" font-family="system-ui, sans-serif"`,
    'font-size="14">',
    `<title>${escapeHtml(wordsOf(figure))}</title>`,
    `<style>${style}</style>`,
    `<rect class="back" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `<text x="${left}" y="26" font-weight="600">${escapeHtml(plain(what))}</text>`,
    `<text x="${right}" y="${height - 12}" text-anchor="end">${escapeHtml(said)}</text>`,
    `<rect class="bar" x="${left}" y="${top}" width="${barWidth}" height="${bar}"/>`,
    ...rounds.map((round) => `<circle class="dot" cx="${x(round)}" cy="${middle}" r="3.5"/>`),
    ...line('must', must, top - 14),
    ...(aim === undefined ? [] : line('aim', aim, top + bar + 22)),
    '</svg>\n',
  ].join('\n');
}

function anchorAt(share: number): 'start' | 'middle' | 'end' {
  if (share > 0.9) return 'end';
  return share < 0.1 ? 'start' : 'middle';
}

const style = [
  '.back{fill:#fff;stroke:#d0d7de}text{fill:#1f2328}.bar{fill:#b6d4f2}.dot{fill:#1f5fa0}',
  '.must{stroke:#b3261e;stroke-width:2}.aim{stroke:#2e7d32;stroke-width:2;stroke-dasharray:5 3}',
  '@media(prefers-color-scheme:dark){.back{fill:#0d1117;stroke:#30363d}text{fill:#e6edf3}',
  '.bar{fill:#1f4b7a}.dot{fill:#9ccbff}.must{stroke:#ff8a80}.aim{stroke:#7ee787}}',
].join('');

function plain(what: string): string {
  return what.replaceAll('`', '');
}

function digits(measured: number): string {
  return measured >= 100 ? measured.toFixed(0) : measured.toFixed(2);
}
