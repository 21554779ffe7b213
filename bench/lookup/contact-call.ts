/**
 * The request that is sent to every server that can select fields: twenty-four fields of a contact,
 * with a token.
 */
import { askedFieldNames, benchFields } from './contact-fields.ts';
import { type MadeContact, makeContact } from './contacts-data.ts';
import { getRequest, type RequestText } from './load.ts';

/** @param more fields that are asked for besides the twenty-four */
export function contactRequest(token: string, more: readonly string[] = []): RequestText {
  const path = {
    before: '/audience/v2/contacts?identity=email:',
    after: `&fields=${[...askedFieldNames, ...more].join(',')}`,
  };
  return getRequest(path, { Authorization: `Bearer ${token}` });
}

/** The exact bytes of the answer to that request. */
export function expectedAnswer(contact: MadeContact): string {
  const members = benchFields.flatMap((field, i) =>
    field.asked ? [`"${field.name}":${contact.values[i]?.json}`] : [],
  );
  return `{"status":"success","contact":{${members.join(',')}}}`;
}

/**
 * An answer of average length: the one whose length is nearest to the mean of the first thousand
 * contacts.
 */
export function usualAnswer(): string {
  const found = Array.from({ length: 1000 }, (_, index) => expectedAnswer(makeContact(index)));
  const mean = found.reduce((sum, answer) => sum + answer.length, 0) / found.length;
  const distance = (answer: string): number => Math.abs(answer.length - mean);
  return found.reduce((best, answer) => (distance(answer) < distance(best) ? answer : best));
}
