/** Checks after each step that the counts are right and that look-ups answer the right person. */
import assert from 'node:assert/strict';
import { openReader } from '../../server/src/stores/open-store.ts';
import type { StoreCounts } from '../../server/src/stores/store.ts';
import { runProgram } from '../lookup/run-program.ts';
import {
  countChanged,
  countMoved,
  makeNumbered,
  type NumberedContact,
  numberedFields,
  partnerOf,
} from './contact-files.ts';
import { editionOf, type ImportPhase, type Said, type Side, usher } from './side.ts';

const askedFields = ['contact_no', 'mail', ...numberedFields.map(({ name }) => name)].join(',');

/** Of each hundred contacts, one that never changes, one with other values, and one that moves. */
const samples = [0, 7, 57];

/** @throws if the counts of an import, or an answer after it, are not the expected ones */
export async function checkRows(side: Side, phase: ImportPhase, said: Said): Promise<void> {
  const { contacts } = side;
  const [altered, moved] = [countChanged(contacts), countMoved(contacts)];
  const changed = { first: 0, again: 0, changed: altered, moved }[phase];
  const added = phase === 'first' ? contacts : 0;
  const expected = { added, changed, unchanged: contacts - added - changed, cleared: 0 };
  assert.deepEqual(countsOf(said), { ...expected, rejected: 0 }, phase);
  const edition = editionOf(phase);
  for (const index of [...samples, partnerOf(57, contacts), contacts - 1]) {
    const contact = makeNumbered(index, contacts, edition);
    const expected = answerOf(contact);
    for (const identity of identitiesOf(contact)) {
      assert.deepEqual(await ask(side, identity), expected, `${phase}: ${identity}`);
    }
  }
}

/**
 * @throws if a pair of the list does not have one answer, or the answer is not the newest row of
 *   the two
 */
export async function checkJoined(side: Side, said: Said): Promise<void> {
  const { contacts } = side;
  assert.equal(said.rows_read, contacts / 2);
  assert.deepEqual([said.state, said.rejected], ['succeeded', 0]);
  assert.deepEqual(await countContacts(side), {
    contacts: contacts / 2,
    identities: contacts * 2,
  });
  for (const index of samples) {
    const pair = [index, partnerOf(index, contacts)];
    const contactsOfPair = pair.map((one) => makeNumbered(one, contacts, 'moved'));
    const answers: unknown[] = [];
    for (const identity of contactsOfPair.flatMap(identitiesOf)) {
      answers.push(await ask(side, identity));
    }
    const [answer] = answers;
    assert.deepEqual(answers, Array(answers.length).fill(answer), 'one person, one answer');
    // The seventh row of a hundred is newer than its partner's. The others are equally new.
    const possible = index === 7 ? contactsOfPair.slice(0, 1) : contactsOfPair;
    assert.ok(
      possible.some((one) => isSame(answer, answerOf(one))),
      JSON.stringify(answer),
    );
  }
}

function countsOf({ added, changed, unchanged, cleared, rejected }: Said) {
  return { added, changed, unchanged, cleared, rejected };
}

function identitiesOf({ number, email }: NumberedContact): string[] {
  return [`customer_no:${number}`, `email:${email}`];
}

function answerOf({ number, email, values }: NumberedContact): unknown {
  const fields = numberedFields.map(({ name }, place): [string, unknown] => [
    name,
    JSON.parse(values[place]?.json ?? 'null'),
  ]);
  return { contact_no: number, mail: email, ...Object.fromEntries(fields) };
}

async function ask(side: Side, identity: string): Promise<unknown> {
  const said = await runProgram(usher(side, ['get', identity, '--fields', askedFields, '--json']));
  return (JSON.parse(said) as { contact: unknown }).contact;
}

/** The counts of the first organization. */
async function countContacts({ folder }: Side): Promise<StoreCounts> {
  const reader = openReader(folder);
  try {
    return await reader.counts(1);
  } finally {
    await reader.close();
  }
}

function isSame(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(one, other);
    return true;
  } catch {
    return false;
  }
}
