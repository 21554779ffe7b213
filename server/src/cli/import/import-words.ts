/** The output of an import: how it reads each column, how to change that, and what it did. */
import type { JoinedGroup, JoinedShare } from '../../domain/dataset/joined-share.ts';
import { type PeopleCounts, warningsOf } from '../../domain/dataset/people-counts.ts';
import { reasonOf } from '../../domain/dataset/wait-cause.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import { viewPeople } from '../../runs/view-run.ts';
import type { BroughtIn } from '../../sync/apply/bring-in.ts';
import type { RejectionSummary } from '../../sync/apply/rejections-file.ts';
import type { DryRunReport } from '../../sync/dry-run.ts';
import type { ImportPlan, PlannedColumn } from '../../sync/infer/import-plan.ts';
import type { ImportQuestion, ImportReport } from '../../sync/run-import.ts';
import { formatTable } from '../terminal/format-table.ts';

/** Characters of a note: a sentence, perhaps with the name of a column. */
const longestNote = 240;

export function planWords(plan: ImportPlan, notes: readonly string[]): string {
  const dataset = plan.dataset === undefined ? 'New dataset' : 'Dataset';
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
    ...notes.map((note) => `note: ${printable(note, longestNote)}`),
    `${dataset} ${plan.datasetName}. It identifies contacts by ${identities.join(', then by ')}.`,
    ...keyWords(plan),
    formatTable([['COLUMN', 'FIELD', 'TYPE', ''], ...rows]),
    'To change this: --type FIELD=TYPE, --rename COLUMN=FIELD, --skip COLUMN, --identifier TYPE=COLUMN',
  ].join('\n');
}

/** Why a column was taken as the key of rows, and how to change that. */
function keyWords({ identifiers, inferredKey }: ImportPlan): string[] {
  const [key, ...others] = identifiers;
  if (key === undefined || inferredKey === undefined) return [];
  const { name } = key.identityType;
  const flags = others.map(
    ({ identityType, column }) => `--identifier ${identityType.name}=${printable(column)}`,
  );
  return [
    `The column ${printable(key.column)} says which row is which, since its values look like the numbers of people, and none is empty or repeated${
      inferredKey.isNewType ? `. The import creates the identity type ${name} for it` : ''
    }.`,
    `To identify contacts without it: ${flags.join(' ')}`,
  ];
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

/** @param advice lines about rejected rows, at the end */
export function reportWords(report: ImportReport, advice: readonly string[]): string {
  return [...appliedLines(report), ...advice].join('\n');
}

/** What a run did with its rows. */
export function appliedLines(report: BroughtIn): string[] {
  const { rowsRead, unmatched, stale, clearsWithheld } = report;
  const { added, changed, unchanged, cleared, rejected } = report;
  const counts = [
    ...Object.entries({ added, changed, unchanged, cleared, rejected }).map(
      ([what, count]) => `${amount(count)} ${what}`,
    ),
    ...(unmatched > 0 ? [`${amount(unmatched)} without a known contact`] : []),
  ];
  return [
    `${countOf(rowsRead, 'row')} read: ${counts.join(', ')}`,
    ...(stale > 0
      ? [`${countOf(stale, 'row')} changed nothing: the contact has newer values`]
      : []),
    ...(clearsWithheld ? [clearsWithheldWords] : []),
    ...rejectionLines(report),
    ...peopleLines(report.people),
    ...(report.refusedClaimsPath === null
      ? []
      : [`All claims without effect: ${report.refusedClaimsPath}`]),
  ];
}

export function peopleData({ people, refusedClaimsPath }: BroughtIn) {
  return { ...viewPeople(people), refused_claims_path: refusedClaimsPath };
}

/** What a run did to people. Empty if it did nothing. */
export function peopleLines(people: PeopleCounts): string[] {
  const { joined, parted, moved, released, refusedClaims } = people;
  const counts = [
    ...countIf(joined, (count) => `${countOf(count, 'contact')} became part of another one`),
    ...countIf(parted, (count) => `${countOf(count, 'contact')} parted`),
    ...countIf(moved, (count) => `${identitiesOf(count)} moved to another contact`),
    ...countIf(released, (count) => `${identitiesOf(count)} no longer found a contact`),
  ];
  const codes = Object.entries(refusedClaims);
  const refused = codes.reduce((sum, [, count]) => sum + count, 0);
  const names = codes.map(([code, count]) => `${code} ${amount(count)}`).join(', ');
  return [
    ...(counts.length === 0 ? [] : [counts.join(', ')]),
    ...countIf(refused, (count) => `${countOf(count, 'claim')} without effect: ${names}`),
    ...warningsOf(people).map((warning) => `warning: ${warning}`),
  ];
}

function countIf(count: number, words: (count: number) => string): string[] {
  return count === 0 ? [] : [words(count)];
}

function identitiesOf(count: number): string {
  return count === 1 ? '1 identity' : `${amount(count)} identities`;
}

const clearsWithheldWords =
  'No values were cleared, because rows that cannot be read may belong to contacts that seem to be gone.';

/** For an import that stops before it writes anything, and asks. */
export function questionWords(question: ImportQuestion): string {
  const { causes, joins } = question;
  return [
    ...causes.map((cause) => reasonOf(cause)),
    ...groupLines(joins),
    ...rejectionLines(question),
  ].join('\n');
}

export function dryRunWords(report: DryRunReport, advice: readonly string[]): string {
  return [
    `${countOf(report.rowsRead, 'row')} read. The import would add ${countOf(report.wouldAdd, 'contact')}, ` +
      `update ${amount(report.wouldApply)}, clear ${amount(report.wouldClear)} and reject ${countOf(report.rejected, 'row')}.`,
    ...rejectionLines(report),
    ...(report.joins === null ? [] : broughtTogetherLines(report.joins)),
    ...report.causes.map((cause) => `It would stop and ask: ${reasonOf(cause)}`),
    ...advice,
    'Nothing was written.',
  ].join('\n');
}

export function rejectionData(report: RejectionSummary) {
  return { rejected: report.rejected, rejections: report.counts, first_rejections: report.first };
}

/** How many contacts a run would bring together. */
export function broughtTogetherLines(joins: JoinedShare, would = 'would bring'): string[] {
  const { contacts, identityTypes } = joins;
  return [
    `It ${would} ${countOf(contacts, 'existing contact')} together, by ${identityTypes.join(', ')}.`,
    ...groupLines(joins),
  ];
}

/** The largest groups of contacts that a run would join, a line for those that are alike. */
export function groupLines(joins: JoinedShare | null): string[] {
  if (joins === null) return [];
  const alike = new Map<string, { group: JoinedGroup; count: number }>();
  for (const group of joins.largest) {
    const name = JSON.stringify(group);
    const known = alike.get(name);
    alike.set(name, { group, count: (known?.count ?? 0) + 1 });
  }
  const lines = [...alike.values()].map(({ group: { contacts, rows, identityTypes }, count }) => {
    const by = `by ${identityTypes.join(', ')}`;
    const words = countOf(contacts, 'contact');
    return count === 1
      ? `    ${words} ${by} (${countOf(rows, 'row')})`
      : `    ${count} groups of ${words} each ${by} (${countOf(rows, 'row')} each)`;
  });
  return ['  The largest groups:', ...lines];
}

/** The counts by code, the first rejected rows, and the file that lists all of them. */
export function rejectionLines(
  report: RejectionSummary & { readonly rejectionsPath?: string | null },
): string[] {
  const counts = Object.entries(report.counts).map(
    ([code, number]) => `  ${code}: ${amount(number)}`,
  );
  const first = report.first.map(({ file, row, column, code, reason }) => {
    const place = file === undefined ? `row ${row}` : `${printable(file)}, row ${row}`;
    const where = column === null ? '' : `, ${printable(column)}`;
    return `  ${place}${where}: ${reason} (${code})`;
  });
  const path = report.rejectionsPath ?? null;
  return [
    ...counts,
    ...(first.length === 0 ? [] : ['The first rejected rows:', ...first]),
    ...(path === null ? [] : [`All rejected rows: ${path}`]),
  ];
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

/** Column names are input: nothing in them may move a terminal's cursor. */
function printable(text: string, longest = 60): string {
  const shown = terminalName(text);
  return shown.length > longest ? `${shown.slice(0, longest - 3)}...` : shown;
}
