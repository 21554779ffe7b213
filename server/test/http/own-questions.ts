/** Look-ups in every form and over every kind of connection, each with a check of its answer. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import {
  addressOf,
  type MarkedOrganization,
  markOf,
  peopleCount,
  stillCount,
} from './marked-contacts.ts';
import type { PipelinedRequest } from './pipelined-connection.ts';
import type { RawAnswer } from './raw-connection.ts';

/** A random number from 0 up to, but not including, the bound. */
export type Draw = (bound: number) => number;

export interface Question extends PipelinedRequest {
  /** Throws if the answer does not belong to this question. */
  readonly check: (answer: RawAnswer) => void;
}

export interface Asked {
  readonly organization: MarkedOrganization;
  readonly person: number;
  readonly draw: Draw;
  /** The tags of the people who never change, by the mark of each. */
  readonly tags: ReadonlyMap<string, string>;
}

const everything = 'mark,mark_copy,bulk,old_mark,new_mark,flow_variant_membership';
const selections = [
  everything,
  'mark',
  'flow_variant_membership,mark_copy,mark',
  'old_mark,mark',
  'bulk,new_mark,mark,nope',
];

/** A GET that the plain door answers. */
export function plainGet(asked: Asked): Question {
  const { draw } = asked;
  const fields = selections[draw(selections.length)] ?? '';
  const format = draw(4) === 0 ? '&format=raw' : '';
  const known = draw(6) === 0 ? [`If-None-Match: ${strangersTag(asked)}`] : [];
  const head = ['Host: usher', authorization(asked), ...conditions(asked), ...known];
  const query = `identity=${identityOf(asked)}&fields=${fields}${format}`;
  return {
    isHead: false,
    text: `GET /audience/v2/contacts?${query} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`,
    check: ({ status, body }) => {
      assert.equal(status, 200, body);
      checkContact(asked, fields, JSON.parse(body).contact);
    },
  };
}

/** A GET that node:http answers. */
export function longGet(asked: Asked): Question {
  const plain = plainGet(asked);
  return { ...plain, text: plain.text.replace('\r\n', '\r\nAccept: application/json, */*\r\n') };
}

/** A HEAD. Only the tag of its answer shows to whom it belongs. */
export function head(asked: Asked): Question {
  const person = asked.person % stillCount;
  const own = { ...asked, person };
  const lines = ['Host: usher', authorization(asked)];
  const query = `identity=email:${addressOf(asked.organization, person)}&fields=${everything}`;
  return {
    isHead: true,
    text: `HEAD /audience/v2/contacts?${query} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`,
    check: ({ status, headers }) => {
      assert.equal(status, 200);
      assert.equal(headers.get('etag'), ownTag(own));
    },
  };
}

/** A GET from a caller that has the current answer already. */
export function knownGet(asked: Asked): Question {
  const person = asked.person % stillCount;
  const tag = ownTag({ ...asked, person });
  const query = `identity=email:${addressOf(asked.organization, person)}&fields=${everything}`;
  const lines = ['Host: usher', authorization(asked), `If-None-Match: "x", ${tag}`];
  return {
    isHead: false,
    text: `GET /audience/v2/contacts?${query} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`,
    check: ({ status, headers }) => {
      assert.deepEqual([status, headers.get('etag')], [304, tag]);
    },
  };
}

export function post(asked: Asked): Question {
  const fields = selections[asked.draw(selections.length)] ?? '';
  const body = { identity: identityOf(asked), fields: fields.split(',') };
  return {
    isHead: false,
    text: postText(asked, 'lookup', body),
    check: (answer) => {
      assert.equal(answer.status, 200, answer.body);
      checkContact(asked, fields, JSON.parse(answer.body).contact);
    },
  };
}

export function batch(asked: Asked): Question {
  const fields = selections[asked.draw(selections.length)] ?? '';
  const others = Array.from({ length: 2 + asked.draw(6) }, () => asked.draw(peopleCount));
  const all = others.map((person) => ({ ...asked, person }));
  const identities = [...all.map((it) => identityOf(it)), 'email:nobody@hello.com'];
  return {
    isHead: false,
    text: postText(asked, 'batch', { identities, fields: fields.split(',') }),
    check: (answer) => {
      assert.equal(answer.status, 200, answer.body);
      const { results } = JSON.parse(answer.body);
      assert.equal(results.length, identities.length);
      assert.equal(results.at(-1).status, 'contact_not_found');
      for (const [place, one] of all.entries()) {
        assert.equal(results[place].identity, identities[place]);
        checkContact(one, fields, results[place].contact);
      }
    },
  };
}

function postText(asked: Asked, route: string, body: unknown): string {
  const json = JSON.stringify(body);
  const type = ['Content-Type: application/json', `Content-Length: ${json.length}`];
  const lines = ['Host: usher', authorization(asked), ...conditions(asked), ...type];
  return `POST /audience/v2/contacts/${route} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${json}`;
}

function authorization({ organization }: Asked): string {
  return `Authorization: Bearer ${organization.token}`;
}

function conditions({ organization, draw }: Asked): string[] {
  const freshness = ['Usher-Freshness: 1', 'Usher-Freshness: 0'][draw(4)];
  const revision = draw(3) === 0 ? `Usher-Min-Revision: ${organization.revision}` : undefined;
  return [freshness, revision].filter((line) => line !== undefined);
}

function identityOf({ organization, person, draw }: Asked): string {
  const address = addressOf(organization, person);
  return draw(3) === 0 ? `email-hash:${hash('sha256', address)}` : `email:${address}`;
}

function ownTag({ organization, person, tags }: Asked): string {
  return tags.get(markOf(organization, person)) ?? '';
}

function strangersTag({ organization, person, tags }: Asked): string {
  return tags.get(markOf(organization, (person + 1) % stillCount)) ?? '';
}

type Contact = Readonly<Record<string, unknown>>;

function checkContact(asked: Asked, fields: string, contact: Contact): void {
  const mark = markOf(asked.organization, asked.person);
  const words = JSON.stringify(contact);
  const known = fields.split(',').filter((field) => field !== 'nope');
  assert.deepEqual(Object.keys(contact), known, words);
  const versions = new Set<string>();
  for (const field of known) {
    const text = textOf(contact[field]);
    if (field === 'old_mark') assert.equal(contact[field], null, words);
    else if (field === 'new_mark') assert.equal(text, `${mark}0`, words);
    else {
      assert.ok(
        text.startsWith(mark),
        `${text} does not belong to ${mark}: ${words.slice(0, 300)}`,
      );
      versions.add(text.slice(mark.length).split(' ')[0] ?? '');
    }
  }
  assert.equal(versions.size, 1, `parts of several commits: ${words.slice(0, 300)}`);
}

/** A variant is answered as the flow's id, a dash and its name. */
function textOf(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  return String(value[0]).replace(/^1-/, '').replaceAll('_', '/');
}
