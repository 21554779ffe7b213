/** `usher access`: says who looked at which contact, and proves that the log is whole. */
import { accessOutcomes, accessWays } from '@usher/contract/access-words';
import type { Command } from 'commander';
import { verifyAccess } from '../../access/verify-access.ts';
import type { ContactCaller } from '../../administration/contact/contact-caller.ts';
import {
  type LookFilter,
  type LookPage,
  type LookView,
  listLooks,
} from '../../administration/contact/list-looks.ts';
import type { ContactReader } from '../../stores/store.ts';
import { fieldWords, verdictText } from '../access/access-words.ts';
import { notedAccessEnd } from '../access/noted-end.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  parseNumber,
} from '../command-frame.ts';
import { readIdentity, withContactCaller } from '../contact/contact-call.ts';
import { exitCodes, UsageError } from '../exit-code.ts';
import { maxListedLooks } from '../limits.ts';
import { pastMomentForm, readPastMoment, requireListLimit } from '../option-values.ts';
import { withReader } from '../with-administration.ts';

export function defineAccessCommand(access: Command, frame: CommandFrame): void {
  access.addHelpText('after', examples);
  addOrganizationOption(access.command('list'))
    .description('List who looked at which contact, the newest first')
    .argument('[identity]', 'only looks at this contact, such as email:tom@hello.com')
    .option('--token <id>', 'only looks with this token')
    .option('--user <id>', 'only looks of this user')
    .option('--way <way>', `only looks of this kind: ${accessWays.join(', ')}`)
    .option('--outcome <code>', `only this outcome: ${accessOutcomes.join(', ')}`)
    .option('--since <time>', `only looks of then or later: ${pastMomentForm}`)
    .option('--until <time>', 'only looks before then')
    .option('--limit <number>', 'how many to list', parseNumber, 50)
    .addHelpText('after', listExamples)
    .action(frame.action(list));
  access
    .command('verify')
    .description('Prove that the access log is whole, or name its first broken place')
    .addHelpText('after', verifyExamples)
    .action(frame.action(verify));
}

const examples = `
Examples:
  usher access list email:tom@hello.com    who looked at this contact
  usher access verify`;

const listExamples = `
Examples:
  usher access list email:tom@hello.com
  usher access list --token 4fK2mXw9Q1zT --since 2h
  usher access list --way reveal --since 30d
  usher access list --outcome contact_not_found --limit 500 --json`;

const verifyExamples = `
Examples:
  usher access verify
  usher access verify --json

A running server may write meanwhile. Note the last block and its hash elsewhere: a later log that
is whole still holds them. Exit code 1: the log was changed or cut.`;

interface ListOptions {
  readonly token?: string;
  readonly user?: string;
  readonly way?: string;
  readonly outcome?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit: number;
}

async function list(
  session: CommandSession,
  identity: string | undefined,
  options: ListOptions,
): Promise<void> {
  requireListLimit(options.limit, maxListedLooks);
  const looks = await withContactCaller(session, (caller) => {
    const filter = {
      contact: identity === undefined ? null : readIdentity(caller.organization, identity),
      ...readFilter(options, session.io.clock()),
    };
    return withReader(session.settings, (reader) =>
      readLooks(caller, { reader, session }, { filter, limit: options.limit }),
    );
  });
  session.output.table(looks, {
    AT: ({ at }) => at.slice(0, 19).replace('T', ' '),
    BY: ({ actor }) => actor,
    CLAIMED: ({ claimed_actor: claimed }) => claimed ?? '-',
    FROM: ({ address }) => address,
    WAY: ({ way }) => way,
    OUTCOME: ({ outcome }) => outcome,
    CONTACT: ({ subject }) => subject?.slice(0, 8) ?? 'erased',
    FIELDS: ({ fields }) => fieldWords(fields),
  });
}

function readFilter(options: ListOptions, nowMs: number): Omit<LookFilter, 'contact'> {
  const { token, user, since, until } = options;
  if (token !== undefined && user !== undefined) {
    throw new UsageError('Give either --token or --user: a look is by one of the two.');
  }
  const byUser = user === undefined ? null : `user:${user}`;
  return {
    subject: null,
    who: token === undefined ? byUser : `token:${token}`,
    way: wordOf('--way', options.way, accessWays),
    outcome: wordOf('--outcome', options.outcome, accessOutcomes),
    sinceMs: since === undefined ? null : readPastMoment('--since', since, nowMs),
    untilMs: until === undefined ? null : readPastMoment('--until', until, nowMs),
  };
}

function wordOf<Word extends string>(
  option: string,
  word: string | undefined,
  known: readonly Word[],
): Word | null {
  if (word === undefined) return null;
  const found = known.find((it) => it === word);
  if (found !== undefined) return found;
  throw new UsageError(`${option} must be one of ${known.join(', ')}.`);
}

async function readLooks(
  caller: ContactCaller,
  { reader, session }: { readonly reader: ContactReader; readonly session: CommandSession },
  { filter, limit }: { readonly filter: LookFilter; readonly limit: number },
): Promise<LookView[]> {
  const place = { dataFolder: session.settings.dataFolder, reader };
  const looks: LookView[] = [];
  let before: LookPage['next'] = null;
  do {
    const size = limit - looks.length;
    const page: LookPage = await listLooks(caller, place, { filter, limit: size, before });
    looks.push(...page.looks);
    before = page.next;
  } while (before !== null && looks.length < limit);
  return looks;
}

async function verify({ settings, output, io }: CommandSession): Promise<number> {
  const noted = await notedAccessEnd(settings, io.clock);
  const verdict = await verifyAccess(settings.dataFolder, noted);
  output.data(verdictData(verdict), () => verdictText(verdict));
  return verdict.fault === null ? exitCodes.done : exitCodes.failed;
}

function verdictData(verdict: Awaited<ReturnType<typeof verifyAccess>>) {
  const { crashesMs, ...others } = verdict;
  return { ...others, crashes: crashesMs.map((atMs) => new Date(atMs).toISOString()) };
}
