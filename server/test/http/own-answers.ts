/**
 * Checks that each look-up gets its own answer: many connections send pipelined look-ups of two
 * organizations in every form, while a writer keeps changing half of the people.
 */
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { callApi } from './call-api.ts';
import {
  addressOf,
  type MarkedOrganization,
  markOf,
  markOrganizations,
  peopleCount,
  stillCount,
  writePeople,
} from './marked-contacts.ts';
import {
  type Asked,
  batch,
  type Draw,
  head,
  knownGet,
  longGet,
  plainGet,
  post,
  type Question,
} from './own-questions.ts';
import { PipelinedConnection } from './pipelined-connection.ts';
import type { RunningApi } from './start-api.ts';

export interface OwnAnswersTrial {
  /** The least number of answers. */
  readonly answers: number;
  readonly seed: number;
  /** The trial ends after this time, even with fewer answers. */
  readonly maxMs: number;
}

export interface OwnAnswersReport {
  readonly answers: number;
  /** The first ten errors. */
  readonly wrong: readonly string[];
  /** Writes that were acknowledged during the trial. */
  readonly writes: number;
}

const connections = 24;
const maxPipelined = 12;

/** A connection stays at the plain door as long as each of its requests is plain. */
const plainForms = [plainGet, plainGet, knownGet];
const allForms = [plainGet, longGet, head, knownGet, post, batch];

export async function tryOwnAnswers(
  api: RunningApi,
  trial: OwnAnswersTrial,
): Promise<OwnAnswersReport> {
  const organizations = await markOrganizations(api);
  const tags = await readTags(api, organizations);
  const endMs = performance.now() + trial.maxMs;
  const wrong: string[] = [];
  let answers = 0;
  const isOver = () => answers >= trial.answers || wrong.length >= 10 || performance.now() > endMs;
  const ask = async (place: number) => {
    const draw = drawFrom(trial.seed * connections + place);
    const forms = place % 2 === 0 ? plainForms : allForms;
    const connection = await PipelinedConnection.open(api.port);
    while (!isOver()) {
      const questions = Array.from({ length: 1 + draw(maxPipelined) }, () => {
        const organization = organizations[draw(organizations.length)] as MarkedOrganization;
        return questionOf(forms, { organization, person: draw(peopleCount), draw, tags });
      });
      const got = await connection.send(questions);
      for (const [at, answer] of got.entries()) note(wrong, questions[at], () => answer);
      answers += got.length;
    }
    connection.close();
  };
  const writing = keepWriting(api, organizations, isOver);
  const asking = Array.from({ length: connections }, (_, place) => ask(place));
  const [writes] = await Promise.all([writing, ...asking]);
  return { answers, wrong, writes };
}

function questionOf(forms: readonly ((asked: Asked) => Question)[], asked: Asked): Question {
  const form = forms[asked.draw(forms.length)] ?? plainGet;
  return form(asked);
}

function note(
  wrong: string[],
  question: Question | undefined,
  answer: () => Parameters<Question['check']>[0],
) {
  try {
    question?.check(answer());
  } catch (error) {
    wrong.push(`${question?.text.split('\r\n')[0]}: ${String(error)}`);
  }
}

/** The tags of the people who never change, read before the writer starts. */
async function readTags(
  api: RunningApi,
  organizations: readonly MarkedOrganization[],
): Promise<ReadonlyMap<string, string>> {
  const tags = new Map<string, string>();
  const fields = 'mark,mark_copy,bulk,old_mark,new_mark,flow_variant_membership';
  for (const organization of organizations) {
    for (let person = 0; person < stillCount; person += 1) {
      const identity = `email:${addressOf(organization, person)}`;
      const path = `/audience/v2/contacts?identity=${identity}&fields=${fields}`;
      const answer = await callApi(api, { path, token: organization.token });
      assert.equal(answer.status, 200, answer.body);
      tags.set(markOf(organization, person), answer.headers.get('etag') ?? '');
    }
  }
  assert.equal(new Set(tags.values()).size, organizations.length * stillCount);
  return tags;
}

/** @returns how many writes were acknowledged */
async function keepWriting(
  api: RunningApi,
  organizations: readonly MarkedOrganization[],
  isOver: () => boolean,
): Promise<number> {
  let writes = 0;
  while (!isOver()) {
    for (const organization of organizations) {
      const first = stillCount + (writes % (peopleCount - stillCount));
      await writePeople(api, organization, [first, peopleCount - 1 - (first - stillCount)]);
      writes += 1;
    }
    await setImmediate();
  }
  return writes;
}

/** The same seed gives the same numbers (mulberry32). */
function drawFrom(seed: number): Draw {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}
