/** Lists and exports the rejected rows that a run has reported, from its file. */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { exportPageEntries } from '../administration/limits.ts';
import type { ExportStep } from '../administration/log-export.ts';
import { rejectionsFile } from '../domain/data-files.ts';
import { readRun } from './read-runs.ts';
import type { RunCaller } from './run-caller.ts';

export interface RejectionView {
  readonly file: string | null;
  readonly row: number | null;
  readonly column: string | null;
  readonly code: string;
  readonly reason: string;
}

export interface RejectionPage {
  readonly runId: string;
  /** The line after which the page begins; 0 for the first page. */
  readonly afterLine: number;
  readonly limit: number;
  /** `undefined`: every code. */
  readonly code: string | undefined;
}

/**
 * At most `limit` rows, each with its line.
 * @throws UsherError `resource_not_found`, `scope_missing`
 */
export async function listRejections(
  caller: RunCaller,
  dataFolder: string,
  { runId, afterLine, limit, code }: RejectionPage,
): Promise<readonly RejectionLine[]> {
  const run = await readRun(caller, runId, 'admin:read');
  const found: RejectionLine[] = [];
  for await (const one of readRejections(dataFolder, run.run_id)) {
    const { line, view } = one;
    if (line > afterLine && isAsked(view, code)) found.push(one);
    if (found.length === limit) break;
  }
  return found;
}

/**
 * All rows, while they are read. If the run did not list each row that it rejected, the last step
 * says so.
 * @throws UsherError `resource_not_found`, `scope_missing`, before anything is read
 */
export async function exportRejections(
  caller: RunCaller,
  dataFolder: string,
  { runId, code }: Pick<RejectionPage, 'runId' | 'code'>,
): Promise<AsyncGenerator<ExportStep<RejectionView>>> {
  const run = await readRun(caller, runId, 'admin:read');
  return rejectionSteps(readRejections(dataFolder, run.run_id), code);
}

async function* rejectionSteps(
  lines: AsyncIterable<RejectionLine>,
  code: string | undefined,
): AsyncGenerator<ExportStep<RejectionView>> {
  let entries: RejectionView[] = [];
  let notListed = '';
  for await (const { view } of lines) {
    if (view.code === '') notListed = view.reason;
    if (isAsked(view, code)) entries.push(view);
    if (entries.length < exportPageEntries) continue;
    yield { entries };
    entries = [];
  }
  yield { entries };
  if (notListed === '') return;
  const words = `The run rejected more rows than it lists: ${notListed}, of every code.`;
  yield { notWhole: words };
}

interface RejectionLine {
  readonly line: number;
  readonly view: RejectionView;
}

/** Every line; the last one may say how many more there are, and has no code then. */
async function* readRejections(dataFolder: string, runId: string): AsyncGenerator<RejectionLine> {
  const path = join(dataFolder, rejectionsFile(runId));
  // A run without rejected rows has no file.
  if (!existsSync(path)) return;
  let line = 0;
  let hasFiles = false;
  for await (const cells of csvRows(createReadStream(path, 'utf8'))) {
    if (line === 0) hasFiles = cells[0] === 'file';
    else yield { line, view: viewCells(hasFiles ? cells : ['', ...cells]) };
    line += 1;
  }
}

function isAsked(view: RejectionView, code: string | undefined): boolean {
  return view.code !== '' && (code === undefined || view.code === code);
}

function viewCells([file = '', row, column = '', code = '', reason = '']: readonly string[]) {
  return {
    file: file === '' ? null : plain(file),
    row: row ? Number(row) : null,
    column: column === '' ? null : plain(column),
    code,
    reason: plain(reason),
  };
}

/** The file marks cells that a spreadsheet would run. */
function plain(cell: string): string {
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

/** Reads what `sync/apply/report-file.ts` writes: quoted cells may hold commas and line ends. */
async function* csvRows(texts: Readable): AsyncGenerator<readonly string[]> {
  let cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  let wasQuote = false;
  for await (const piece of texts as AsyncIterable<string>) {
    for (const letter of piece) {
      if (isQuoted && !wasQuote) {
        if (letter === '"') wasQuote = true;
        else cell += letter;
        continue;
      }
      if (wasQuote && letter === '"') {
        cell += letter;
        wasQuote = false;
        continue;
      }
      if (wasQuote) {
        isQuoted = false;
        wasQuote = false;
      }
      if (letter === '"' && cell === '') isQuoted = true;
      else if (letter === ',') {
        cells.push(cell);
        cell = '';
      } else if (letter === '\n') {
        yield [...cells, cell];
        cells = [];
        cell = '';
      } else cell += letter;
    }
  }
}
