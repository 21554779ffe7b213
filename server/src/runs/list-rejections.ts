/** Lists the rejected rows that a run has reported, from its file. */
import { createReadStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
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
): Promise<readonly { readonly line: number; readonly view: RejectionView }[]> {
  const run = await readRun(caller, runId, 'admin:read');
  const path = join(dataFolder, rejectionsFile(run.run_id));
  // A run without rejected rows has no file.
  if (!existsSync(path)) return [];
  const found: { readonly line: number; readonly view: RejectionView }[] = [];
  let line = 0;
  let hasFiles = false;
  for await (const cells of csvRows(createReadStream(path, 'utf8'))) {
    if (line === 0) hasFiles = cells[0] === 'file';
    else if (line > afterLine) {
      const view = viewCells(hasFiles ? cells : ['', ...cells]);
      // The last line may say how many more there are. It has no code.
      if (view.code !== '' && (code === undefined || view.code === code))
        found.push({ line, view });
      if (found.length === limit) break;
    }
    line += 1;
  }
  return found;
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
