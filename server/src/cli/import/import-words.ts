/**
 * What an import says to people: what it took each column for, how to change that, and what became
 * of the rows.
 */
import { terminalName } from '../../domain/terminal-text.ts';
import type { RejectionSummary } from '../../sync/apply/rejections-file.ts';
import type { DryRunReport } from '../../sync/dry-run.ts';
import type { ImportPlan, PlannedColumn } from '../../sync/infer/import-plan.ts';
import type { ImportReport, RejectionQuestion } from '../../sync/run-import.ts';
import { formatTable } from '../terminal/format-table.ts';

export function planWords(plan: ImportPlan, notes: readonly string[]): string {
  const isNew = plan.dataset === undefined ? 'new dataset' : 'dataset';
  const identities = plan.identifiers.map(
    ({ column, identityType }) => `${identityType.name} from the column ${printable(column)}`,
  );
  const rows = plan.columns.map((planned) => [
    printable(planned.column),
    planned.field ?? '(skipped)',
    planned.field === null ? '' : planned.format.type,
    noteOf(planned),
  ]);
  return [
    ...notes.map((note) => `note: ${printable(note)}`),
    `${isNew} ${plan.datasetName}; contacts are named by ${identities.join(', then ')}`,
    formatTable([['COLUMN', 'FIELD', 'TYPE', ''], ...rows]),
    'To change it: --type FIELD=TYPE, --rename COLUMN=FIELD, --skip COLUMN, --identifier TYPE=COLUMN',
  ].join('\n');
}

export function planData(plan: ImportPlan, notes: readonly string[]) {
  return {
    dataset: plan.datasetName,
    identifiers: plan.identifiers.map(({ column, identityType }) => ({
      identity_type: identityType.name,
      column,
    })),
    columns: plan.columns.map(({ column, field, format, known }) => ({
      column,
      field,
      type: field === null ? null : format.type,
      currency: field === null ? null : (format.options.currency ?? null),
      new: field !== null && known === undefined,
      note: format.note ?? null,
    })),
    notes,
  };
}

/** @param advice lines for people, below what became of the rows */
export function reportWords(report: ImportReport, advice: readonly string[]): string {
  const lines = [
    `${amount(report.rowsRead)} rows read: ${amount(report.added)} added, ${amount(report.changed)} changed, ` +
      `${amount(report.unchanged)} unchanged, ${amount(report.cleared)} cleared, ${amount(report.rejected)} rejected`,
  ];
  if (report.stale > 0) {
    lines.push(
      `${amount(report.stale)} of the rows changed nothing: another row of the same contact, or a newer run, was there first`,
    );
  }
  if (report.clearsWithheld) {
    lines.push(
      'Nothing was cleared: rows that cannot be read may name contacts that are still there.',
    );
  }
  lines.push(...rejectionLines(report));
  if (report.rejectionsPath !== null) lines.push(`all rejected rows: ${report.rejectionsPath}`);
  lines.push(...advice);
  return lines.join('\n');
}

/** Of an import that stops before anything is written, since too many rows are rejected. */
export function questionWords(question: RejectionQuestion): string {
  const { reason, rejectionsPath } = question;
  return [
    reason,
    ...rejectionLines(question),
    ...(rejectionsPath === null ? [] : [`all rejected rows: ${rejectionsPath}`]),
  ].join('\n');
}

export function dryRunWords(report: DryRunReport, advice: readonly string[]): string {
  return [
    `${amount(report.rowsRead)} rows read: would apply ${amount(report.wouldAdd)} to new contacts, ` +
      `${amount(report.wouldApply)} to known ones, clear ${amount(report.wouldClear)}; ${amount(report.rejected)} rejected`,
    ...rejectionLines(report),
    ...(report.reason === null ? [] : [`It would stop: ${report.reason}`]),
    ...advice,
    'Nothing was written.',
  ].join('\n');
}

export function rejectionData(report: RejectionSummary) {
  return { rejected: report.rejected, rejections: report.counts, first_rejections: report.first };
}

export function rejectionLines(report: RejectionSummary): string[] {
  const counts = Object.entries(report.counts).map(
    ([code, number]) => `  ${code}: ${amount(number)}`,
  );
  const first = report.first.map(({ file, row, column, code, reason }) => {
    const place = file === undefined ? `row ${row}` : `${printable(file)}, row ${row}`;
    const where = column === null ? '' : `, ${printable(column)}`;
    return `  ${place}${where}: ${reason} (${code})`;
  });
  return first.length === 0 ? [] : [...counts, 'for example', ...first];
}

function noteOf({ field, format, known }: PlannedColumn): string {
  if (field === null) return '';
  return [known === undefined ? 'new' : '', format.note ?? '']
    .filter((part) => part !== '')
    .join(', ');
}

export function amount(number: number): string {
  return number.toLocaleString('en-US');
}

/** `1 dataset`, `2 datasets`. */
export function countOf(number: number, thing: string): string {
  return `${amount(number)} ${thing}${number === 1 ? '' : 's'}`;
}

/** Column names come from outside: nothing in them may move a terminal's cursor. */
function printable(text: string): string {
  const shown = terminalName(text);
  return shown.length > 60 ? `${shown.slice(0, 57)}...` : shown;
}
