/** `usher privacy erase`. */
import { completeAccessErasures } from '../../access/complete-erasures.ts';
import { startErasure } from '../../administration/privacy/erase-contacts.ts';
import type { PrivacyCaller } from '../../administration/privacy/privacy-caller.ts';
import {
  viewWhole,
  type WholePrivacyRequestView,
} from '../../administration/privacy/request-view.ts';
import { UsherError } from '../../domain/errors.ts';
import type { IdentityKey } from '../../stores/store.ts';
import type { CommandSession } from '../command-frame.ts';
import { readIdentity } from '../contact/contact-call.ts';
import { exitCodes, InterruptedError, UsageError } from '../exit-code.ts';
import { confirm } from '../terminal/confirm.ts';
import { confirmOut } from '../write-out.ts';
import { withPrivacyCaller, withPrivacyStore } from './privacy-call.ts';
import {
  alreadySuppressedWords,
  countWords,
  notFoundWords,
  withoutContactWords,
} from './privacy-words.ts';
import { readIdentityFile } from './read-identity-file.ts';
import { writeReceipt } from './receipt-file.ts';

interface EraseOptions {
  readonly file?: string;
  readonly receipt?: string;
}

/** @returns the exit code: `notFound` if the identities led to nobody */
export async function erase(
  session: CommandSession,
  texts: readonly string[],
  { file, receipt }: EraseOptions,
): Promise<number> {
  if ((texts.length === 0) === (file === undefined)) {
    throw new UsageError(
      'Give either identities or --file. Example: usher privacy erase email:tom@hello.com',
    );
  }
  if (receipt !== undefined) await confirmOut(session, receipt);
  const request = await withPrivacyCaller(session, async (caller) => {
    const identities = await readIdentities(caller, texts, file);
    const count = identities.length;
    const whom =
      count === 1 ? 'the contact of this identity' : `the contacts of ${count} identities`;
    await confirm(session, `Erase ${whom} for good? Nothing brings them back.`);
    return eraseAll(session, caller, identities);
  });
  session.output.data(request, ({ id }) => `${id}\n${countWords(request)}`);
  const { counts } = request;
  const told = [alreadySuppressedWords, notFoundWords, withoutContactWords];
  for (const words of told.map((wordsOf) => wordsOf(counts))) {
    if (words !== undefined) session.output.warning(words);
  }
  if (receipt !== undefined) await keepReceipt(session, request, receipt);
  const { identities = 0, withoutContact = 0, alreadySuppressed = 0 } = counts ?? {};
  const isDone = identities > withoutContact || alreadySuppressed > 0;
  return isDone ? exitCodes.done : exitCodes.notFound;
}

/** @throws UsherError that says that the erasure is done all the same */
async function keepReceipt(
  session: CommandSession,
  request: WholePrivacyRequestView,
  path: string,
): Promise<void> {
  try {
    await writeReceipt(session, request, path);
  } catch (cause) {
    if (!(cause instanceof UsherError)) throw cause;
    const again = `usher privacy show ${request.id} --receipt FILE`;
    throw new UsherError(
      cause.code,
      `The erasure is done, but its receipt is missing: ${cause.detail} To write it again: ${again}`,
      { cause },
    );
  }
}

async function readIdentities(
  { organization }: PrivacyCaller,
  texts: readonly string[],
  file: string | undefined,
): Promise<readonly IdentityKey[]> {
  if (file !== undefined) return readIdentityFile(organization, file);
  return texts.map((text) => readIdentity(organization, text));
}

async function eraseAll(
  session: CommandSession,
  caller: PrivacyCaller,
  identities: readonly IdentityKey[],
): Promise<WholePrivacyRequestView> {
  const { interrupted } = session.io;
  const request = await withPrivacyStore(session, async (store) => {
    const { ended } = await startErasure(caller, store, { identities, interrupted });
    return ended;
  });
  // A running server does it within seconds.
  const { settings, io } = session;
  await completeAccessErasures(settings.dataFolder, io.clock, caller.administration.catalog);
  if (request.state !== 'running') return viewWhole(request);
  throw new InterruptedError(
    `The request ${request.id} is not done yet. A running server or the next privacy command completes it.`,
  );
}
