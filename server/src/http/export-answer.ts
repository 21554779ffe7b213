/** A log or a list as a file, sent while it is read: CSV, or JSON objects, one a line (NDJSON). */
import { rfc3339 } from '../administration/administration.ts';
import type { ExportStep } from '../administration/log-export.ts';
import { csvLine, spreadsheetText } from '../domain/csv-line.ts';
import type { Problem } from '../domain/problem.ts';
import { headLine, type StreamAnswer } from './answer.ts';
import { problemOf } from './problem-response.ts';

export interface ExportedFile<Entry> {
  /** Of the file, before the day. */
  readonly name: string;
  readonly format: 'ndjson' | 'csv';
  /** The columns of CSV. */
  readonly columns: readonly (keyof Entry & string)[];
  readonly nowMs: number;
  /** Header lines of the limit. */
  readonly limitHead: string;
}

const mediaTypes = { ndjson: 'application/x-ndjson', csv: 'text/csv' } as const;

export function exportAnswer<Entry extends object>(
  steps: AsyncIterable<ExportStep<Entry>>,
  file: ExportedFile<Entry>,
): StreamAnswer {
  const { name, format, nowMs, limitHead } = file;
  const fileName = `${name}-${rfc3339(nowMs).slice(0, 10)}.${format}`;
  const head =
    headLine('Content-Type', `${mediaTypes[format]}; charset=utf-8`) +
    headLine('Content-Disposition', `attachment; filename="${fileName}"`) +
    headLine('Cache-Control', 'no-store');
  const lastText = ({ detail }: Problem) => endLine(format, `The export ended early. ${detail}`);
  return { status: 200, head: head + limitHead, texts: textsOf(steps, file), lastText };
}

/** The status was sent before the work began, so that the last line says how it ended. */
async function* textsOf<Entry extends object>(
  steps: AsyncIterable<ExportStep<Entry>>,
  { format, columns }: Pick<ExportedFile<Entry>, 'format' | 'columns'>,
): AsyncGenerator<string> {
  const entryLine = (entry: Entry) => line(columns.map((column) => entry[column]));
  const lineOf = format === 'csv' ? entryLine : jsonLine;
  if (format === 'csv') yield line(columns);
  try {
    for await (const step of steps) {
      if ('entries' in step) yield step.entries.map(lineOf).join('');
      else if ('notWhole' in step) yield endLine(format, step.notWhole);
      else yield endLine(format, moreWords(step.nextCursor), step.nextCursor);
    }
  } catch (error) {
    const { detail } = problemOf(error);
    yield endLine(format, `The export failed. Send the request again. ${detail}`);
  }
}

function moreWords(cursor: string): string {
  return `More entries match than one export holds. To get the others, send the same request with this cursor: ${cursor}`;
}

function endLine(format: 'ndjson' | 'csv', words: string, nextCursor?: string): string {
  if (format === 'csv') return line([words]);
  return jsonLine({ export_ended: words, next_cursor: nextCursor });
}

function jsonLine(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function line(values: readonly unknown[]): string {
  return `${csvLine(values.map(cellText))}\r\n`;
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join(' ');
  // Callers choose some of these texts.
  return spreadsheetText(typeof value === 'string' ? value : JSON.stringify(value));
}
