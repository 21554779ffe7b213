/** `usher contact`: lists and exports contacts, joins and parts them, and lists what was joined. */
import type { Command } from 'commander';
import type { ContactCaller } from '../../administration/contact/contact-caller.ts';
import {
  type JoinedView,
  mergeContacts,
  partJoins,
  splitContact,
  unmergeContacts,
} from '../../administration/contact/join-contacts.ts';
import {
  type JoinPage,
  type JoinView,
  listJoins,
} from '../../administration/contact/list-joins.ts';
import type { ContactReader } from '../../stores/store.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import { readIdentity, withContactCaller, withJoinStore } from '../contact/contact-call.ts';
import { identityWords, keyWords } from '../contact/contact-words.ts';
import { defineContactLists } from '../contact/export-contacts.ts';
import { UsageError } from '../exit-code.ts';
import { joinsPerRead, maxListedJoins } from '../limits.ts';
import { pastMomentForm, readPastMoment, requireListLimit } from '../option-values.ts';
import { confirm } from '../terminal/confirm.ts';
import { ProgressReport } from '../terminal/progress-report.ts';
import { withReader } from '../with-administration.ts';

export function defineContactCommand(contact: Command, frame: CommandFrame): void {
  contact.addHelpText('after', examples);
  defineContactLists(contact, frame);
  addOrganizationOption(contact.command('merge'))
    .description('Join the contacts of two identities, whatever rows say')
    .argument('<identity>', 'an identity of one contact, such as email:tom@hello.com')
    .argument('<other>', 'an identity of the other contact')
    .addHelpText('after', exampleText('usher contact merge email:tom@hello.com user_id:4711'))
    .action(frame.action(merge));
  addOrganizationOption(contact.command('unmerge'))
    .description('Take a merge back, or part for good what rows joined')
    .argument('[entry]', 'an entry of usher contact joins')
    .option('--since <time>', `part all joins that rows have made since then: ${pastMomentForm}`)
    .option('--until <time>', 'with --since: part no later joins (default: now)')
    .option('--by <dataset>', 'with --since: part only joins by rows of this dataset')
    .addHelpText('after', unmergeExamples)
    .action(frame.action(unmerge));
  addOrganizationOption(contact.command('split'))
    .description('Part an identity, with the rows whose row key it is, from its contact, for good')
    .argument('<identity>', 'the identity, such as user_id:4711')
    .addHelpText('after', exampleText('usher contact split user_id:4711'))
    .action(frame.action(split));
  addOrganizationOption(contact.command('joins'))
    .description('List what joined and parted contacts, the newest first')
    .option('--limit <number>', 'how many to list', parseNumber, 20)
    .addHelpText('after', exampleText('usher contact joins --limit 5'))
    .action(frame.action(list));
}

const examples = `
Examples:
  usher contact list --limit 5
  usher contact export --out contacts.csv
  usher contact joins
  usher contact merge email:tom@hello.com user_id:4711
  usher contact unmerge 019ab4c2d1e00001
  usher contact split user_id:4711
  usher get email:tom@hello.com --identities    who claims the identities of a contact`;

const unmergeExamples = `
Examples:
  usher contact unmerge 019ab4c2d1e00001
  usher contact unmerge 019ab4c2d1e00001-0f8b2c1e6c1f    parts what rows joined
  usher contact unmerge --since 2h --by crm              parts what a wrong file joined

A join by a run counts from the start of the run.`;

async function merge(session: CommandSession, one: string, other: string): Promise<void> {
  const merged = await withContactCaller(session, (caller) => {
    const { organization } = caller;
    const identities = [
      readIdentity(organization, one),
      readIdentity(organization, other),
    ] as const;
    return withJoinStore(session, (store) => mergeContacts(caller, store, identities));
  });
  tellEntry(session, merged);
  const back = session.suggest.next('contact', 'unmerge', merged.entry);
  session.output.message(`Joined the two contacts. To take it back: ${back}`);
}

async function split(session: CommandSession, identity: string): Promise<void> {
  const parted = await withContactCaller(session, (caller) => {
    const key = readIdentity(caller.organization, identity);
    return withJoinStore(session, (store) => splitContact(caller, store, key));
  });
  tellEntry(session, parted);
  session.output.message('Parted the identity from its contact. A merge joins them again.');
}

function tellEntry({ output }: CommandSession, joined: JoinedView): void {
  output.data(joined, ({ entry }) => entry);
}

interface UnmergeOptions {
  readonly since?: string;
  readonly until?: string;
  readonly by?: string;
}

async function unmerge(
  session: CommandSession,
  entry: string | undefined,
  options: UnmergeOptions,
): Promise<void> {
  const { since, until, by } = options;
  const isStorm = [since, until, by].some((option) => option !== undefined);
  if (entry === undefined && since === undefined) {
    throw new UsageError(
      'Name an entry of usher contact joins, or give --since. Examples: usher contact unmerge --help',
    );
  }
  if (entry !== undefined && isStorm) {
    throw new UsageError('Give either an entry, or --since with --until and --by.');
  }
  if (since !== undefined) return unmergeStorm(session, { since, until, by });
  const parted = await withContactCaller(session, (caller) =>
    withJoinStore(session, (store) => unmergeContacts(caller, store, entry ?? '')),
  );
  tellEntry(session, parted);
  session.output.message('Parted the two contacts.');
}

async function unmergeStorm(
  session: CommandSession,
  { since, until, by }: { since: string; until: string | undefined; by: string | undefined },
): Promise<void> {
  const nowMs = session.io.clock();
  const sinceMs = readPastMoment('--since', since, nowMs);
  const untilMs = until === undefined ? null : readPastMoment('--until', until, nowMs);
  const whose = by === undefined ? 'rows' : `rows of ${by}`;
  await confirm(session, `Part all contacts that ${whose} have joined since ${since}, for good?`);
  const progress = new ProgressReport(session.io, session.quiet);
  const onProgress = (done: number) =>
    progress.update({ phase: 'parting', done, total: 0, unit: 'joins' });
  const storm = { sinceMs, untilMs, dataset: by ?? null, onProgress };
  const parted = await withContactCaller(session, (caller) =>
    withJoinStore(session, (store) => partJoins(caller, store, storm)),
  ).finally(() => progress.end());
  session.output.data({ parted }, () => `${parted} ${parted === 1 ? 'join' : 'joins'} parted`);
}

async function list(session: CommandSession, { limit }: { readonly limit: number }): Promise<void> {
  requireListLimit(limit, maxListedJoins);
  const joins = await withContactCaller(session, (caller) =>
    withReader(session.settings, (reader) => readJoins(caller, reader, limit)),
  );
  session.output.table(joins, {
    ENTRY: ({ entry }) => entry,
    AT: ({ at }) => at.slice(0, 16).replace('T', ' '),
    WHAT: ({ kind, taken_back }) => (taken_back ? `${kind}, taken back` : kind),
    BY: ({ dataset, by }) => by ?? dataset ?? '-',
    CONTACTS: keyWords,
    'JOINED BY': ({ identity }) => identityWords(identity),
  });
}

async function readJoins(
  caller: ContactCaller,
  reader: ContactReader,
  limit: number,
): Promise<readonly JoinView[]> {
  const joins: JoinView[] = [];
  let before: string | null = null;
  do {
    const size = Math.min(limit - joins.length, joinsPerRead);
    const page: JoinPage = await listJoins(caller, reader, { before, limit: size });
    joins.push(...page.joins);
    before = page.next;
  } while (before !== null && joins.length < limit);
  return joins;
}
