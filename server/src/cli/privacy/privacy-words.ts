/** Says what privacy requests and verified receipts contain. */
import type {
  PrivacyRequestView,
  WholePrivacyRequestView,
} from '../../administration/privacy/request-view.ts';
import type { VerifiedReceipt } from '../../administration/privacy/verify-receipt.ts';

/** `contacts: 1, rows: 3`; counts of zero are left out. */
export function countWords({ counts }: Pick<PrivacyRequestView, 'counts'>): string {
  const told = Object.entries(counts ?? {}).filter(([, count]) => count > 0);
  if (told.length === 0) return '-';
  return told.map(([name, count]) => `${wordsOf(name)}: ${count}`).join(', ');
}

type Counts = PrivacyRequestView['counts'];

/** What an erasure did not find; `undefined`: it found all. */
export function notFoundWords(counts: Counts): string | undefined {
  const { notFound = 0 } = counts ?? {};
  if (notFound === 0) return undefined;
  return notFound === 1
    ? '1 identity was not found: Usher has nothing of it. This request did not suppress it.'
    : `${notFound} identities were not found: Usher has nothing of them. This request did not suppress them.`;
}

/** What an erasure did not need to do; `undefined`: nothing. */
export function alreadySuppressedWords(counts: Counts): string | undefined {
  const { alreadySuppressed = 0 } = counts ?? {};
  if (alreadySuppressed === 0) return undefined;
  return alreadySuppressed === 1
    ? '1 identity was suppressed already, and Usher has nothing of it.'
    : `${alreadySuppressed} identities were suppressed already, and Usher has nothing of them.`;
}

/** Which identities led to nobody, although rows named them; `undefined`: none. */
export function withoutContactWords(counts: Counts): string | undefined {
  const { withoutContact = 0 } = counts ?? {};
  if (withoutContact === 0) return undefined;
  return withoutContact === 1
    ? '1 identity led to no contact, so nobody was erased by it. It is suppressed, and the rows that named it stay without it (kept rows). To erase these people, name another identity of each.'
    : `${withoutContact} identities led to no contact, so nobody was erased by them. They are suppressed, and the rows that named them stay without them (kept rows). To erase these people, name another identity of each.`;
}

/** What became of erasures whose process died before the store had taken them. */
export function failedErasuresWords(ids: readonly string[]): string {
  const isOne = ids.length === 1;
  const failed = isOne ? '1 erasure has failed' : `${ids.length} erasures have failed`;
  const people = `The people whom ${isOne ? 'it names' : 'they name'} are still there`;
  const again = `Send ${isOne ? 'it' : 'them'} again: usher privacy erase`;
  return `${failed}, and erased nobody: ${ids.join(', ')}. ${people}. ${again}`;
}

function wordsOf(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

export function stateWords({ state, failure }: PrivacyRequestView): string {
  return failure === null ? state : `${state} (${failure})`;
}

export function requestWords(request: WholePrivacyRequestView): string {
  const { id, kind, actor, received_at, ended_at, subjects, receipt } = request;
  return [
    `request:   ${id}`,
    `kind:      ${kind}`,
    `state:     ${stateWords(request)}`,
    `by:        ${actor}`,
    `received:  ${received_at}`,
    `ended:     ${ended_at ?? '-'}`,
    `counts:    ${countWords(request)}`,
    `subjects:  ${subjects.length}`,
    `receipt:   ${receipt === null ? '-' : 'yes'}`,
  ].join('\n');
}

export function verificationWords(verified: VerifiedReceipt, counts: Counts): string {
  const { is_valid, mac, subjects, suppressed, lifted, missing, found } = verified;
  if (mac === 'key_missing') {
    return 'not verified: this data folder does not have the key of the receipt. Verify it where the erasure was done, or copy the list and its key into the folder suppression.';
  }
  if (mac === 'invalid')
    return 'not valid: the receipt was changed, or another key signed it. Write it again: usher privacy show ID --receipt FILE';
  if (mac === 'other_organization') {
    return 'not verified: the receipt belongs to another organization. Name it with --organization: the receipt has its name.';
  }
  const states = `subjects: ${subjects}, suppressed: ${suppressed}, lifted: ${lifted}, missing: ${missing}, found: ${found}`;
  if (is_valid) return ['valid', states, withoutContactWords(counts)].filter(Boolean).join('\n');
  const words =
    found > 0
      ? 'not valid: contacts have identities of the receipt. Erase them again.'
      : 'not valid: identities of the receipt are not on the suppression list. Copy the newest list from a backup.';
  return `${words}\n${states}`;
}
