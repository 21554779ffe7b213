/**
 * Checks before the measurement that every server answers with the generated values, for contacts
 * from the whole range of the data.
 */
import assert from 'node:assert/strict';
import { expectedAnswer } from './contact-call.ts';
import { benchFields } from './contact-fields.ts';
import { contactJson, makeContact } from './contacts-data.ts';
import type { MeasuredServer } from './measured-server.ts';

const checkedContacts = 7;

/** @throws if a server answers other values than those that were generated */
export async function checkAnswers(
  server: MeasuredServer,
  port: number,
  contacts: number,
): Promise<void> {
  for (let i = 0; i < checkedContacts; i += 1) {
    const contact = makeContact(Math.floor((contacts - 1) * (i / (checkedContacts - 1))));
    const { status, text } = await ask(server, port, contact.email);
    assert.equal(status, 200, `${server.name}: ${text.slice(0, 300)}`);
    const answer: unknown = JSON.parse(text);
    if (server.answers === 'one contact always') assert.equal(countFields(answer), 24);
    else if (server.answers === 'whole contact') {
      assert.deepEqual(answer, JSON.parse(contactJson(contact)), server.name);
      assert.equal(Object.keys(Object(answer)).length, benchFields.length);
    } else {
      assert.deepEqual(answer, JSON.parse(expectedAnswer(contact)), server.name);
      assert.equal(countFields(answer), 24);
    }
  }
}

function countFields(answer: unknown): number {
  const { contact }: { contact?: unknown } = Object(answer);
  return Object.keys(Object(contact)).length;
}

/** Sends exactly the request that the load sends. */
async function ask(
  server: MeasuredServer,
  port: number,
  email: string,
): Promise<{ status: number; text: string }> {
  const text = `${server.request.before}${email}${server.request.after}`;
  const [first = '', ...rest] = text.trimEnd().split('\r\n');
  const headers = rest.map((line): [string, string] => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  const own = headers.filter(([name]) => name !== 'Host');
  const response = await fetch(`http://127.0.0.1:${port}${first.split(' ')[1]}`, { headers: own });
  return { status: response.status, text: await response.text() };
}
