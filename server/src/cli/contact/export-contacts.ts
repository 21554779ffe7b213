/** `usher contact list`, `usher contact export` and `usher segment members`. */
import { type Command, Option } from 'commander';
import {
  type ContactList,
  type ListedContact,
  openContactList,
} from '../../administration/contact/list-contacts.ts';
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
import { maxListedContacts } from '../limits.ts';
import { requireListLimit } from '../option-values.ts';
import { ProgressReport } from '../terminal/progress-report.ts';
import { letServersGoFirst } from '../walk-files.ts';
import { withReader } from '../with-administration.ts';
import { confirmOut, streamOut } from '../write-out.ts';
import { withContactCaller } from './contact-call.ts';

interface ChoiceOptions {
  readonly segment?: string;
  readonly fields?: string;
  readonly identity?: readonly string[];
}

interface ListOptions extends ChoiceOptions {
  readonly limit: number;
}

export function defineContactLists(contact: Command, frame: CommandFrame): void {
  addListOptions(addOrganizationOption(contact.command('list')))
    .description('List contacts with their identities and content fields')
    .option('--segment <segment>', 'only the members of this segment: its name or id')
    .addHelpText('after', exampleText('usher contact list --limit 5 --fields first_name,city'))
    .action(frame.action(list));
  addChoiceOptions(addOrganizationOption(contact.command('export')))
    .description('Write all contacts, or the members of a segment, to a file')
    .option('--segment <segment>', 'only the members of this segment: its name or id')
    .addOption(new Option('--csv', 'write CSV (the default)').conflicts('ndjson'))
    .option('--ndjson', 'write a JSON object for each contact, one per line')
    .option('--out <file>', 'the file to write (default: the standard output)')
    .addHelpText(
      'after',
      exampleText(
        'usher contact export --segment "High spenders" --out spenders.csv',
        'usher contact export --ndjson --identity email --fields first_name',
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
    .option('--fields <names>', 'content fields, separated by commas (default: all)')
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
  const fields = await withList(session, options, async (opened) => {
    let next: string | null = null;
    do {
      const page = await opened.readPage(next, limit - contacts.length);
      contacts.push(...page.contacts);
      next = page.next;
    } while (next !== null && contacts.length < limit && !session.io.interrupted.aborted);
    if (next !== null) session.output.message(`There are more contacts than these ${limit}.`);
    return opened.fields;
  });
  const columns = fields.map(({ name }) => {
    return [name.toUpperCase(), ({ values }: ListedContact) => cellText(values[name])] as const;
  });
  session.output.table(contacts, {
    CONTACT: ({ contact_id }) => contact_id,
    IDENTITIES: ({ identities }) =>
      identities.map(({ type, value, digest }) => `${type}:${value ?? `${digest}...`}`).join(' '),
    ...Object.fromEntries(columns),
  });
}

interface ExportOptions extends ChoiceOptions {
  readonly ndjson?: boolean;
  readonly out?: string;
}

async function exportContacts(session: CommandSession, options: ExportOptions): Promise<void> {
  const { out, ndjson = false } = options;
  const { io, quiet, output } = session;
  if (session.json) throw new UsageError('Use --ndjson: an export has a JSON object on each line.');
  if (out !== undefined) await confirmOut(session, out);
  letServersGoFirst();
  const progress = new ProgressReport(io, quiet);
  let done = 0;
  const written = (count: number) => {
    done += count;
    progress.update({ phase: 'exporting', done, total: 0, unit: 'contacts' });
  };
  try {
    await withList(session, options, async (opened) => {
      const stop = { interrupted: io.interrupted, written };
      const texts = ndjson ? jsonLines(opened, stop) : csvLines(opened, stop);
      await streamOut(out === undefined ? io.stdout : out, texts);
    });
  } finally {
    progress.end();
  }
  const where = out === undefined ? '' : ` to ${terminalName(out)}`;
  output.message(`Exported ${done.toLocaleString('en-US')} contacts${where}.`);
}

function withList<T>(
  session: CommandSession,
  { segment, fields, identity }: ChoiceOptions,
  work: (opened: ContactList) => Promise<T>,
): Promise<T> {
  const names = fields?.split(',') ?? null;
  if (names?.includes('') === true) {
    throw new UsageError('--fields contains an empty name. Separate names by one comma.');
  }
  const request = { segment: segment ?? null, fields: names, identityTypes: identity ?? null };
  return withContactCaller(session, (caller) =>
    withReader(session.settings, async (reader) =>
      work(await openContactList(caller, reader, request)),
    ),
  );
}

interface Stop {
  readonly interrupted: AbortSignal;
  readonly written: (count: number) => void;
}

const contactsPerPage = 500;

/** One page in memory at a time. */
async function* pagesOf(
  opened: ContactList,
  { interrupted, written }: Stop,
): AsyncGenerator<readonly ListedContact[]> {
  let next: string | null = null;
  do {
    if (interrupted.aborted) throw new InterruptedError('Stopped the export.');
    const page = await opened.readPage(next, contactsPerPage);
    yield page.contacts;
    written(page.contacts.length);
    next = page.next;
  } while (next !== null);
}

async function* jsonLines(opened: ContactList, stop: Stop): AsyncGenerator<string> {
  for await (const contacts of pagesOf(opened, stop)) {
    yield contacts.map((contact) => `${JSON.stringify(contact)}\n`).join('');
  }
}

async function* csvLines(opened: ContactList, stop: Stop): AsyncGenerator<string> {
  const { identityTypes, fields } = opened;
  const names = fields.map(({ name }) => name);
  yield csvLine(['contact_id', ...identityTypes.map((type) => `identity:${type}`), ...names]);
  for await (const contacts of pagesOf(opened, stop)) {
    yield contacts
      .map(({ contact_id, identities, values }) =>
        csvLine([
          contact_id,
          ...identityTypes.map((type) => valuesOf(identities, type)),
          ...names.map((name) => cellText(values[name])),
        ]),
      )
      .join('');
  }
}

/** Several identities of one type are separated by spaces. Of some only the hash is known. */
function valuesOf(identities: ListedContact['identities'], type: string): string {
  return identities.flatMap((one) => (one.type === type ? (one.value ?? []) : [])).join(' ');
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function csvLine(cells: readonly string[]): string {
  const quoted = cells.map((cell) =>
    /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  return `${quoted.join(',')}\r\n`;
}
