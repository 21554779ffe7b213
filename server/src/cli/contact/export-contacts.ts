/** `usher contact list`, `usher contact export` and `usher segment members`. */
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import type { ContactCaller } from '../../administration/contact/contact-caller.ts';
import { fixedHeadings } from '../../administration/contact/flat-names.ts';
import {
  type ContactList,
  type ContactPage,
  type ListedContact,
  openContactList,
} from '../../administration/contact/list-contacts.ts';
import { withWorkFolder } from '../../administration/work-folder.ts';
import { composeWorkbench } from '../../compose.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  collect,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import { InterruptedError, UsageError } from '../exit-code.ts';
import { countOf } from '../import/import-words.ts';
import { maxListedContacts } from '../limits.ts';
import { requireListLimit } from '../option-values.ts';
import { dataStream } from '../terminal/clean-io.ts';
import { ProgressReport } from '../terminal/progress-report.ts';
import { letServersGoFirst } from '../walk-files.ts';
import { withReader } from '../with-administration.ts';
import { confirmOut, requireFile, writeTexts, writeWhole } from '../write-out.ts';
import { withContactCaller } from './contact-call.ts';
import { type ContactPages, cellText, csvLines, jsonLines } from './export-lines.ts';

interface ChoiceOptions {
  readonly segment?: string;
  readonly dataset?: string;
  readonly fields?: string;
  readonly identity?: readonly string[];
}

interface ListOptions extends ChoiceOptions {
  readonly limit: number;
}

const segmentHelp = 'only the members of this segment: its name or id';
const datasetHelp = 'only contacts that have a row in this dataset';

export function defineContactLists(contact: Command, frame: CommandFrame): void {
  addListOptions(addOrganizationOption(contact.command('list')))
    .description('List contacts with their identities and content fields')
    .option('--segment <segment>', segmentHelp)
    .option('--dataset <name>', datasetHelp)
    .addHelpText('after', exampleText('usher contact list --limit 5 --fields first_name,city'))
    .action(frame.action(list));
  addChoiceOptions(addOrganizationOption(contact.command('export')))
    .description('Write all contacts, or the members of a segment, to a file')
    .option('--segment <segment>', segmentHelp)
    .option('--dataset <name>', datasetHelp)
    .addOption(new Option('--csv', 'write CSV (the default)').conflicts(['ndjson', 'parquet']))
    .addOption(
      new Option('--ndjson', 'write a JSON object for each contact, one per line').conflicts(
        'parquet',
      ),
    )
    .addOption(
      new Option(
        '--parquet <file>',
        'write a Parquet file, with the types of the fields',
      ).conflicts('out'),
    )
    .addOption(
      new Option(
        '--spreadsheet',
        "write CSV that a spreadsheet can open: ' before a value that it would run as a formula",
      ).conflicts(['ndjson', 'parquet']),
    )
    .option('--out <file>', 'the file to write (default: the standard output)')
    .addHelpText(
      'after',
      exampleText(
        'usher contact export --segment "High spenders" --out spenders.csv',
        'usher contact export --ndjson --identity email --fields first_name',
        'usher contact export --parquet contacts.parquet --fields city,segment_membership',
      ),
    )
    .action(frame.action(exportContacts));
}

export function defineMembersCommand(command: Command, frame: CommandFrame): void {
  addListOptions(command)
    .description('List the contacts that a segment contains')
    .argument('<segment>', 'its name or id')
    .addHelpText('after', exampleText('usher segment members "High spenders" --limit 5'))
    .action(
      frame.action((session: CommandSession, segment: string, options: ListOptions) =>
        list(session, { ...options, segment }),
      ),
    );
}

function addChoiceOptions(command: Command): Command {
  return command
    .option(
      '--fields <names>',
      'content fields, separated by commas; also built-in ones, such as segment_membership (default: all but the built-in ones)',
    )
    .option('--identity <type>', 'an identity type to show; may be given again', collect);
}

function addListOptions(command: Command): Command {
  return addChoiceOptions(command).option(
    '--limit <number>',
    'how many to list at most',
    parseNumber,
    20,
  );
}

async function list(session: CommandSession, options: ListOptions): Promise<void> {
  const { limit } = options;
  requireListLimit(limit, maxListedContacts);
  const contacts: ListedContact[] = [];
  const shown = await withList(session, options, async (opened) => {
    let next: string | null = null;
    do {
      const page = await opened.readPage(next, limit - contacts.length);
      contacts.push(...page.contacts);
      next = page.next;
    } while (next !== null && contacts.length < limit && !session.io.interrupted.aborted);
    if (next !== null) session.output.message(`There are more contacts than these ${limit}.`);
    return opened.columns;
  });
  const columns = shown.map(({ name }) => {
    return [name.toUpperCase(), ({ values }: ListedContact) => cellText(values[name])] as const;
  });
  const headings = fixedHeadings(shown.map(({ name }) => name));
  session.output.table(contacts, {
    [headings.contact]: ({ contact_id }) => contact_id ?? '-',
    [headings.identities]: ({ identities }) =>
      identities.map(({ type, value, digest }) => `${type}:${value ?? `${digest}...`}`).join(' '),
    ...Object.fromEntries(columns),
  });
}

interface ExportOptions extends ChoiceOptions {
  readonly ndjson?: boolean;
  readonly spreadsheet?: boolean;
  readonly parquet?: string;
  readonly out?: string;
}

async function exportContacts(session: CommandSession, options: ExportOptions): Promise<void> {
  const { io, quiet, output } = session;
  if (session.json) throw new UsageError('Use --ndjson: an export has a JSON object on each line.');
  const out = options.parquet ?? options.out;
  if (out !== undefined) await confirmOut(session, out);
  if (options.parquet !== undefined) await requireFile(options.parquet);
  letServersGoFirst();
  const progress = new ProgressReport(io, quiet);
  let done = 0;
  const written = (count: number) => {
    done += count;
    progress.update({ phase: 'exporting', done, total: 0, unit: 'contacts' });
  };
  try {
    await withList(session, options, (opened, { organization }) =>
      writeExport(session, options, {
        opened,
        pages: pagesOf(opened, { interrupted: io.interrupted, written }),
        timeZone: organization.organization.timeZone,
      }),
    );
  } catch (error) {
    if (io.interrupted.aborted && error === io.interrupted.reason) throw stopped();
    throw error;
  } finally {
    progress.end();
  }
  const where = out === undefined ? '' : ` to ${terminalName(out)}`;
  output.message(`Exported ${countOf(done, 'contact')}${where}.`);
}

interface OpenedExport {
  readonly opened: ContactList;
  readonly pages: ContactPages;
  readonly timeZone: string;
}

async function writeExport(
  { io, settings }: CommandSession,
  { out, parquet, ndjson = false, spreadsheet = false }: ExportOptions,
  { opened, pages, timeZone }: OpenedExport,
): Promise<void> {
  const linesFor = (lineEnd: string) =>
    ndjson ? jsonLines(pages) : csvLines(opened, pages, { lineEnd, isForSpreadsheet: spreadsheet });
  const file = parquet ?? out;
  if (file === undefined) {
    return writeTexts(dataStream(io.stdout), linesFor(io.stdout.isTTY === true ? '\n' : '\r\n'));
  }
  await withWorkFolder(settings.dataFolder, (folder) =>
    writeWhole(file, folder, async (path) => {
      if (parquet === undefined) return writeTexts(path, linesFor('\r\n'));
      const { parquetSettings: settings, writeParquet } = await import(
        '../../administration/contact/write-parquet.ts'
      );
      const engine = { folder: join(folder, 'engine'), allowedFolders: [], threads: 1, settings };
      const { interrupted } = io;
      const workbench = await composeWorkbench({ ...engine, interrupted }, path);
      try {
        await writeParquet(workbench, pages, { ...opened, timeZone, path });
      } finally {
        await workbench.close();
      }
    }),
  );
}

function withList<T>(
  session: CommandSession,
  { segment, dataset, fields, identity }: ChoiceOptions,
  work: (opened: ContactList, caller: ContactCaller) => Promise<T>,
): Promise<T> {
  const names = fields?.split(',') ?? null;
  if (names?.includes('') === true) {
    throw new UsageError('--fields contains an empty name. Separate names by one comma.');
  }
  const request = {
    ...{ segment: segment ?? null, dataset: dataset ?? null },
    ...{ fields: names, identityTypes: identity ?? null },
  };
  return withContactCaller(session, (caller) =>
    withReader(session.settings, async (reader) =>
      work(await openContactList(caller, reader, request), caller),
    ),
  );
}

interface Stop {
  readonly interrupted: AbortSignal;
  readonly written: (count: number) => void;
}

const contactsPerPage = 500;

/** One page in memory at a time. */
async function* pagesOf(opened: ContactList, { interrupted, written }: Stop) {
  let next: string | null = null;
  do {
    if (interrupted.aborted) throw stopped();
    const page: ContactPage = await opened.readPage(next, contactsPerPage);
    yield page.contacts;
    written(page.contacts.length);
    next = page.next;
  } while (next !== null);
}

function stopped(): InterruptedError {
  return new InterruptedError('Stopped the export.');
}
