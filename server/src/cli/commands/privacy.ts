/** `usher privacy`: erases, exports and corrects people, and shows the requests. */
import { type Command, Option } from 'commander';
import { amendContact } from '../../administration/privacy/amend-contact.ts';
import { applyLists } from '../../administration/privacy/apply-lists.ts';
import { type ExportDocument, exportContact } from '../../administration/privacy/export-contact.ts';
import { forgetList } from '../../administration/privacy/forget-list.ts';
import { liftSuppression } from '../../administration/privacy/lift-suppression.ts';
import { listRequests, readRequest } from '../../administration/privacy/request-view.ts';
import { verifyReceipt } from '../../administration/privacy/verify-receipt.ts';
import { withWorkFolder } from '../../administration/work-folder.ts';
import {
  type PrivacyKind,
  type PrivacyState,
  privacyKinds,
  privacyStates,
} from '../../catalog/privacy-requests.ts';
import { composeDataFiles, composeSuppression } from '../../compose.ts';
import { givenMembers } from '../../domain/given-members.ts';
import { terminalName } from '../../domain/terminal-text.ts';
import {
  addOrganizationOption,
  type CommandFrame,
  type CommandSession,
  collect,
  exampleText,
  parseNumber,
} from '../command-frame.ts';
import { readIdentity, withContactCaller } from '../contact/contact-call.ts';
import { exitCodes, UsageError } from '../exit-code.ts';
import { maxListedRequests } from '../limits.ts';
import { pastMomentForm, readPastMoment, requireListLimit } from '../option-values.ts';
import { erase } from '../privacy/erase.ts';
import { withPrivacyCaller, withPrivacyStore } from '../privacy/privacy-call.ts';
import {
  countWords,
  requestWords,
  stateWords,
  verificationWords,
} from '../privacy/privacy-words.ts';
import { readReceipt, writeReceipt } from '../privacy/receipt-file.ts';
import { confirm } from '../terminal/confirm.ts';
import { withReader } from '../with-administration.ts';
import { confirmOut, writeTexts, writeWhole } from '../write-out.ts';

export function definePrivacyCommand(privacy: Command, frame: CommandFrame): void {
  privacy.addHelpText('after', examples);
  defineChanges(privacy, frame);
  defineViews(privacy, frame);
}

const examples = `
Examples:
  usher privacy export email:tom@hello.com --out tom.json
  usher privacy amend email:tom@hello.com first_name=Thomas
  usher privacy erase email:tom@hello.com --receipt receipt.json
  usher privacy verify receipt.json`;

const eraseExamples = `
Examples:
  usher privacy erase email:tom@hello.com --receipt receipt.json
  usher privacy erase --file ids.csv           up to 10,000 identities in one request
  usher privacy erase --file ids.csv --yes     in a script, where nobody can answer

The command asks before it erases anything. The file has an identity in the first column of each line, such as
email:tom@hello.com. If the first line is the name of an identity type, such as email, the other
lines have values without it, such as tom@hello.com.`;

const amendExamples = `
Examples:
  usher privacy amend email:tom@hello.com first_name=Thomas city='New York'
  usher privacy amend email:tom@hello.com city=                 the person has no city
  usher privacy amend email:tom@hello.com --lift first_name     the value of the source counts again

A value is read as in an import. For fields of other types than string and text, words such as null
and N/A mean that there is no value, as an empty one does: kids=null`;

const forgetExamples = `
Examples:
  usher privacy forget-list 0f1e2d3c4b5a6978

While a list is lost, damaged or without its key, nothing is written. Copy the list and its key from
the newest backup, if there is one. If there is none, this command lets the store be written again.
Then the next syncs may bring the people of the list back, unless you erase them again. Stop the
server first.`;

const applyExamples = `
Examples:
  usher privacy apply-lists

A list keeps its people out from the moment at which it is in the folder suppression. It does not
remove those who came back before that: this command does. Stop the server first.`;

function defineChanges(privacy: Command, frame: CommandFrame): void {
  addOrganizationOption(privacy.command('erase'))
    .description('Erase people for good, and keep them out')
    .argument('[identities...]', 'an identity of each person, such as email:tom@hello.com')
    .option('--file <file>', 'a file with an identity on each line')
    .option('--receipt <file>', 'write the receipt to this file')
    .addHelpText('after', eraseExamples)
    .action(frame.action(erase));
  addOrganizationOption(privacy.command('export'))
    .description('Write everything that is known of a person as one JSON document')
    .argument('<identity>', 'an identity of the person, such as email:tom@hello.com')
    .option(
      '--out <file>',
      'the file to write, which only its owner can read (default: standard output)',
    )
    .addHelpText('after', exampleText('usher privacy export email:tom@hello.com --out tom.json'))
    .action(frame.action(exportPerson));
  addOrganizationOption(privacy.command('amend'))
    .description('Correct values of a person. They count over those of sources')
    .argument('<identity>', 'an identity of the person, such as email:tom@hello.com')
    .argument('[values...]', 'values as FIELD=VALUE, such as first_name=Thomas')
    .option('--lift <field>', 'a field whose corrected value ends; repeatable', collect)
    .addHelpText('after', amendExamples)
    .action(frame.action(amend));
  addOrganizationOption(privacy.command('lift'))
    .description('Let an erased identity come back with the next sync')
    .argument('<identity>', 'the identity, such as email:tom@hello.com')
    .addHelpText('after', exampleText('usher privacy lift email:tom@hello.com'))
    .action(frame.action(lift));
  addOrganizationOption(privacy.command('forget-list'))
    .description('Give up a suppression list that is lost, as the last resort')
    .argument('<key_id>', 'the key id of the list, as usher doctor names it')
    .addHelpText('after', forgetExamples)
    .action(frame.action(forget));
  addOrganizationOption(privacy.command('apply-lists'))
    .description('Erase everyone again who is on a suppression list that was put back')
    .addHelpText('after', applyExamples)
    .action(frame.action(erasePutBack));
}

async function erasePutBack(session: CommandSession): Promise<void> {
  await confirm(session, 'Erase everyone on a suppression list who can be found?');
  const { rows, keptRows } = await withContactCaller(session, async (caller) => {
    const { dataFolder, suppressionIn, readRulesIn } = await composeDataFiles(session.settings);
    const { interrupted } = session.io;
    const rules = await readRulesIn(dataFolder);
    return applyLists(caller, suppressionIn(dataFolder), { rules, interrupted });
  });
  session.output.data({ rows, kept_rows: keptRows }, () => `rows: ${rows}, kept rows: ${keptRows}`);
  session.output.message(
    'Done. The next run of each dataset reads every row. To remove the last bytes: usher compact',
  );
}

function defineViews(privacy: Command, frame: CommandFrame): void {
  addOrganizationOption(privacy.command('verify'))
    .description('Verify the receipt of an erasure')
    .argument('<receipt>', 'the file of the receipt')
    .addHelpText('after', exampleText('usher privacy verify receipt.json'))
    .action(frame.action(verify));
  addOrganizationOption(privacy.command('list'))
    .description('List the privacy requests, the newest first')
    .addOption(new Option('--kind <kind>', 'only requests of this kind').choices(privacyKinds))
    .addOption(new Option('--state <state>', 'only requests in this state').choices(privacyStates))
    .option('--since <time>', `only requests received since then: ${pastMomentForm}`)
    .option('--limit <number>', 'how many to list', parseNumber, 20)
    .addHelpText('after', exampleText('usher privacy list --kind erase --since 30d'))
    .action(frame.action(list));
  addOrganizationOption(privacy.command('show'))
    .description('Show a privacy request')
    .argument('<id>', 'its id in usher privacy list')
    .option('--receipt <file>', 'write the receipt to this file')
    .addHelpText(
      'after',
      exampleText('usher privacy show 019ab4c2-d1e0-7001-8f8b-2c1e6c1f0a4b --receipt receipt.json'),
    )
    .action(frame.action(show));
}

async function exportPerson(
  session: CommandSession,
  text: string,
  { out }: { readonly out?: string },
): Promise<void> {
  if (out !== undefined) await confirmOut(session, out);
  const document = await withPrivacyCaller(session, (caller) => {
    const identity = readIdentity(caller.organization, text);
    const hand = out === undefined ? undefined : documentWriter(session, out);
    return withPrivacyStore(session, (store) =>
      exportContact(caller, store, givenMembers({ identity, hand })),
    );
  });
  if (document.contact_id === null) {
    session.output.warning(
      'No contact has this identity. The document has what else is held of it: amendments, rows from before a run, and how many rows of other people name it.',
    );
  }
  if (out === undefined) return session.output.data(document, () => indented(document));
  session.output.message(
    `Wrote ${terminalName(out)}. It holds personal data: only you can read it. Delete it once you have passed it on.`,
  );
}

function documentWriter({ settings }: CommandSession, out: string) {
  return (document: ExportDocument) =>
    withWorkFolder(settings.dataFolder, (folder) =>
      writeWhole(out, folder, (path) => writeTexts(path, [indented(document), '\n'])),
    );
}

function indented(document: ExportDocument): string {
  return JSON.stringify(document, null, 2);
}

async function amend(
  session: CommandSession,
  text: string,
  values: readonly string[],
  options: { readonly lift?: readonly string[] },
): Promise<void> {
  if (values.length === 0 && options.lift === undefined) {
    throw new UsageError(
      'Give a value as FIELD=VALUE, or --lift FIELD. Example: usher privacy amend email:tom@hello.com first_name=Thomas',
    );
  }
  const fields = Object.fromEntries(values.map(readAssignment));
  if (Object.keys(fields).length < values.length) {
    throw new UsageError('A field is given twice. Give each field once.');
  }
  const amended = await withPrivacyCaller(session, (caller) => {
    const identity = readIdentity(caller.organization, text);
    const request = { identity, fields, lift: options.lift ?? [] };
    return withPrivacyStore(session, (store) => amendContact(caller, store, request));
  });
  session.output.data(amended, ({ id }) => id);
  session.output.message(
    amended.changed
      ? 'Done. Look-ups show it at once.'
      : 'Nothing was changed: the contact has these values already.',
  );
}

/** Errors name the place of the value: the text itself may be personal. */
function readAssignment(text: string, place: number): readonly [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new UsageError(
    `Value ${place + 1} is not written as FIELD=VALUE. Example: usher privacy amend email:tom@hello.com first_name=Thomas`,
  );
}

async function lift(session: CommandSession, text: string): Promise<void> {
  await confirm(session, 'Let this erased identity come back with the next sync?');
  const lifted = await withPrivacyCaller(session, (caller) => {
    const identity = readIdentity(caller.organization, text);
    return withPrivacyStore(session, (store) => liftSuppression(caller, store, identity));
  });
  session.output.data(lifted, ({ id }) => id);
  session.output.message(
    'Lifted. The next run of each dataset reads every row. A row comes back only if none of its identities is suppressed: lift the other identities of the person, too.',
  );
}

async function forget(session: CommandSession, keyId: string): Promise<void> {
  await confirm(
    session,
    `Forget the suppression list ${keyId} for good? The next syncs may bring back the people whom it kept out.`,
  );
  const forgotten = await withContactCaller(session, async (caller) =>
    forgetList(caller, await composeSuppression(session.settings), keyId),
  );
  const { entries, fault } = forgotten;
  session.output.data({ key_id: keyId, entries, fault }, () => keyId);
  session.output.message(
    'Forgotten. Before the next sync, erase the people of the list again, from your own records: usher privacy erase --file ids.csv',
  );
}

async function verify(session: CommandSession, path: string): Promise<number> {
  const receipt = await readReceipt(path);
  const verified = await withPrivacyCaller(session, async (caller) => {
    const suppression = await composeSuppression(session.settings);
    return withReader(session.settings, (reader) =>
      verifyReceipt(caller, { reader, suppression }, receipt),
    );
  });
  session.output.data(verified, (it) => verificationWords(it, receipt.counts));
  return verified.is_valid ? exitCodes.done : exitCodes.failed;
}

interface ListOptions {
  readonly kind?: PrivacyKind;
  readonly state?: PrivacyState;
  readonly since?: string;
  readonly limit: number;
}

async function list(session: CommandSession, options: ListOptions): Promise<void> {
  const { kind, state, since, limit } = options;
  requireListLimit(limit, maxListedRequests);
  const nowMs = session.io.clock();
  const sinceMs = since === undefined ? undefined : readPastMoment('--since', since, nowMs);
  const requests = await withPrivacyCaller(session, (caller) =>
    listRequests(caller, { kind, state, sinceMs, limit }),
  );
  session.output.table(requests, {
    REQUEST: ({ id }) => id,
    KIND: ({ kind: it }) => it,
    STATE: stateWords,
    RECEIVED: ({ received_at }) => received_at.slice(0, 16).replace('T', ' '),
    BY: ({ actor }) => actor,
    COUNTS: countWords,
  });
}

async function show(
  session: CommandSession,
  id: string,
  { receipt }: { readonly receipt?: string },
): Promise<void> {
  if (receipt !== undefined) await confirmOut(session, receipt);
  const request = await withPrivacyCaller(session, (caller) => readRequest(caller, id));
  session.output.data(request, requestWords);
  if (receipt !== undefined) await writeReceipt(session, request, receipt);
}
