/** `usher segment preview`: counts the contacts that a rule is true for. */
import { type Command, Option } from 'commander';
import { fixedHeadings } from '../../administration/contact/flat-names.ts';
import type { EstimateView, PreviewView } from '../../administration/rule/preview-segment.ts';
import { maxRuleBytes } from '../../membership/limits.ts';
import type { PreviewStep } from '../../runs/preview-process.ts';
import { type CommandFrame, type CommandSession, exampleText } from '../command-frame.ts';
import { InterruptedError, UsageError } from '../exit-code.ts';
import { countOf } from '../import/import-words.ts';
import { formatTable } from '../terminal/format-table.ts';
import { ProgressReport } from '../terminal/progress-report.ts';
import { letServersGoFirst } from '../walk-files.ts';
import { withReader } from '../with-administration.ts';
import { withContactCaller } from './contact-call.ts';

export function definePreviewCommand(command: Command, frame: CommandFrame): void {
  command
    .description('Count the contacts that a segment or a rule contains, clause by clause')
    .argument('[segment]', 'its name or id; or give --rule')
    .option('--rule <rule>', 'a rule that is not saved; - reads it from the standard input')
    .option('--estimate', 'only estimate, from contacts that are drawn at random')
    .addOption(
      new Option(
        '--steps',
        'for the server, which has noted the preview in the audit log: write each step as JSON',
      ).hideHelp(),
    )
    .addHelpText(
      'after',
      exampleText(
        'usher segment preview "High spenders"',
        'usher segment preview --rule \'total_spend > 1000 && state == "NY"\'',
      ),
    )
    .action(frame.action(preview));
}

interface PreviewOptions {
  readonly rule?: string;
  readonly estimate?: boolean;
  readonly steps?: boolean;
}

async function preview(
  session: CommandSession,
  reference: string | undefined,
  { rule, estimate = false, steps = false }: PreviewOptions,
): Promise<void> {
  if ((reference === undefined) === (rule === undefined)) {
    throw new UsageError('Give either a segment or --rule.');
  }
  const written = rule === '-' ? await readRule(session) : rule;
  const subject = written === undefined ? { reference: reference ?? '' } : { rule: written };
  const { openPreview, previewRule, readSubject } = await import(
    '../../administration/rule/preview-segment.ts'
  );
  const { io, settings, quiet, json, output } = session;
  letServersGoFirst();
  const progress = new ProgressReport(io, quiet);
  const writeProgress = seldom((step: Progress) => writeStep(io, { progress: step }));
  try {
    const view = await withContactCaller(session, async (caller) => {
      const opened = await (steps ? readSubject(caller, subject) : openPreview(caller, subject));
      return withReader(settings, (reader) =>
        previewRule(caller, reader, opened, {
          isExact: !estimate,
          stop: io.interrupted,
          onEstimate: (found) => {
            if (steps) writeStep(io, { estimate: found });
            else if (!json && !estimate) output.message(estimateWords(found));
          },
          onProgress: (done, total) => {
            if (steps) writeProgress({ done, total });
            progress.update({ phase: 'counting', done, total, unit: 'contacts' });
          },
        }),
      );
    });
    progress.end();
    if (steps) writeStep(io, { preview: view });
    else output.data(view, previewWords);
  } catch (error) {
    if (io.interrupted.aborted && error === io.interrupted.reason) {
      throw new InterruptedError('Stopped the preview. Nothing was changed.');
    }
    throw error;
  } finally {
    progress.end();
  }
}

function writeStep({ stdout }: CommandSession['io'], step: PreviewStep): void {
  stdout.write(`${JSON.stringify(step)}\n`);
}

interface Progress {
  readonly done: number;
  readonly total: number;
}

/** Calls `work` at most once in `stepMs`. */
function seldom<T>(work: (value: T) => void): (value: T) => void {
  let nextMs = 0;
  return (value) => {
    const nowMs = performance.now();
    if (nowMs < nextMs) return;
    nextMs = nowMs + stepMs;
    work(value);
  };
}

const stepMs = 250;

/** Reads no more than a rule may have, so that an endless input ends with the problem of a rule. */
async function readRule({ io }: CommandSession): Promise<string> {
  let text = '';
  for await (const chunk of io.stdin) {
    text += String(chunk);
    if (text.length > maxRuleBytes) break;
  }
  return text.trim();
}

function estimateWords({ members, low, high, drawn }: EstimateView): string {
  if (low === high) return countOf(members, 'contact');
  return `about ${countOf(members, 'contact')}, in 19 of 20 cases between ${number(low)} and ${number(high)} (from ${number(drawn)} drawn at random)`;
}

function previewWords({ contacts, estimate, exact, sample }: PreviewView): string {
  const total = exact?.contacts ?? contacts;
  const first =
    exact === null
      ? `${estimateWords(estimate)}, of ${number(total)}`
      : `${number(exact.members)} of ${number(total)} contacts (${share(exact.members, total)})`;
  const lines = [first];
  if (exact !== null && exact.clauses.length > 1) lines.push('', clauseTable(exact, total));
  if (sample.length > 0) lines.push('', sampleTable(sample));
  return lines.join('\n');
}

function clauseTable({ clauses }: NonNullable<PreviewView['exact']>, total: number): string {
  const rows = clauses.map(({ rule, alone, in_sequence }) => [
    rule.replace(/\s+/g, ' '),
    alone === null ? '-' : number(alone),
    number(in_sequence),
    share(in_sequence, total),
  ]);
  return formatTable([['CLAUSE', 'ALONE', 'IN SEQUENCE', 'LEFT'], ...rows]);
}

function sampleTable(sample: PreviewView['sample']): string {
  const names = Object.keys(sample[0]?.values ?? {}).slice(0, shownColumns);
  const rows = sample.map(({ contact_id, values }) => {
    return [contact_id ?? '-', ...names.map((name) => cell(values[name]))];
  });
  const { contact } = fixedHeadings(names);
  const table = formatTable([[contact, ...names.map((name) => name.toUpperCase())], ...rows]);
  const hidden = names.filter((name) => sample.some(({ values }) => values[name] === '***'));
  if (hidden.length === 0) return table;
  const [first = ''] = hidden;
  return `${table}\n${maskedWords}: usher field set ${first} --sensitivity internal`;
}

const maskedWords =
  '*** is a value that is personal, or of which nobody has said how sensitive it is. To show a field';

const shownColumns = 5;
const cellWidth = 30;

function cell(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  return text.length > cellWidth ? `${text.slice(0, cellWidth - 3)}...` : text;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}

function share(part: number, total: number): string {
  return `${total === 0 ? 0 : Math.round((part / total) * 1_000) / 10} %`;
}
