/**
 * Random rules and flows on a real server and store: look-ups, batches, previews, lists and
 * explanations say the same as plain functions.
 */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { openContactList } from '../../src/administration/contact/list-contacts.ts';
import {
  openPreview,
  type PreviewSubject,
  previewRule,
} from '../../src/administration/rule/preview-segment.ts';
import { msOf, timeZones } from '../membership/naive/naive-contact.ts';
import { isTrue } from '../membership/naive/naive-source.ts';
import { type RandomRules, randomRules } from '../membership/naive/random-rules.ts';
import { RandomSource } from '../membership/naive/random-source.ts';
import { callApi } from './call-api.ts';
import {
  type DoorsTrial,
  defineRandom,
  firstRuleId,
  type RandomPerson,
  randomPeople,
  valuesOf,
  writePeople,
} from './four-doors-catalog.ts';
import { editTrial } from './four-doors-edits.ts';
import { compareExplanations } from './four-doors-explain.ts';
import { startApi } from './start-api.ts';

type Json = Record<string, unknown>;

export interface TrialSize {
  readonly rules: number;
  readonly people: number;
}

const lists = [
  ...['segment_membership', 'flow_membership', 'flow_variant_membership', 'journey_membership'],
];
const batchSize = 50;
const contacts = '/audience/v2/contacts';

/** Each trial has another catalog and other contacts. */
export async function tryFourDoors(
  t: TestContext,
  { trials, ...size }: TrialSize & { readonly trials: number },
): Promise<void> {
  const seed = Number(process.env['USHER_TEST_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`USHER_TEST_SEED=${seed}`);
  const random = new RandomSource(seed);
  let held = 0;
  for (let place = 0; place < trials; place += 1) {
    await t.test(`catalog ${place + 1}`, async (context) => {
      const trial = await startTrial(context, size, random);
      await compareLookups(trial);
      await compareParts(trial, random);
      await compareExplanations(trial);
      held += await comparePreviews(trial);
      if (place % 5 !== 0) return;
      const edited = await editTrial(trial, random);
      await compareLookups(edited);
      await compareExplanations(edited);
    });
  }
  const share = held / (trials * size.rules * size.people);
  assert.ok(share > 0.2 && share < 0.8, `${share} of the rules are true`);
}

async function startTrial(
  t: TestContext,
  size: TrialSize,
  random: RandomSource,
): Promise<DoorsTrial> {
  const nowMs = Date.UTC(2026, random.pick([2, 9]), random.pick([7, 8, 25, 29]), random.below(24));
  const api = await startApi(t, { clock: () => nowMs });
  const rules = randomRules(random, size.rules, 8);
  await defineRandom(api.administration, rules, random.pick(timeZones));
  const token = await api.token({ scopes: ['contacts:read', 'admin:read'] });
  const { organizations } = await api.administration.catalog.loadState();
  const state = organizations.get(1);
  assert.ok(state);
  const people = randomPeople(random, state, { count: size.people, nowMs });
  return { api, token, rules, state, people: await writePeople(api, state, people) };
}

/** What the plain functions say, in the form of `answered`. */
function expected({ rules, state }: DoorsTrial, { contact }: RandomPerson): Json {
  const { memberships } = contact;
  const ids = [...state.definitions.segments.values()].flatMap(({ id, name }) => {
    const place = id - firstRuleId;
    const rule = rules.rules[place] ?? rules.named.get(name);
    return rule !== undefined && isTrue(contact, rule) ? [id] : [];
  });
  const reported = (memberships?.segments ?? []).map(String);
  const flowIds = [...rules.flows.flows.values()].flatMap(({ id, segment }) =>
    segment ? [id] : [],
  );
  const reportedIds = memberships?.flows?.map(({ flowId }) => flowId) ?? [];
  const all = [
    ...flowIds.toSorted((one, other) => one - other),
    ...[...new Set(reportedIds)].filter((id) => !flowIds.includes(id)).toSorted((a, b) => a - b),
  ];
  const flows = all.flatMap((id) =>
    rules.flows.variantsIn(contact, id).map((variant) => [id, variant] as const),
  );
  return {
    ...valuesOf(rules, contact),
    segment_membership: [...ids, ...reported.sort()],
    flow_variant_membership: flows.map(([id, variant]) =>
      variant === null ? `${id}` : `${id}-${variant}`,
    ),
    flow_membership: flows.map(([id, variant]) => ({ flow_id: id, variant })),
    journey_membership: memberships?.journeys?.map(({ journeyId }) => journeyId) ?? [],
  };
}

/** An answer in a form that the plain functions give. */
function answered({ rules, state }: DoorsTrial, contact: Json): Json {
  const entries = Object.entries(contact).map(([name, value]) => {
    const isDate = rules.computed[name]?.[0] === 'date';
    return [name, isDate ? msOf(value, state.organization.timeZone) : value] as const;
  });
  const found = Object.fromEntries(entries) as Record<string, Json[]>;
  const known = (id: unknown) => state.definitions.segments.has(id as number);
  const { segment_membership: ids, flow_membership: flows, journey_membership: journeys } = found;
  return {
    ...found,
    ...(ids && {
      segment_membership: [
        ...ids.filter(known),
        ...ids
          .filter((id) => !known(id))
          .map(String)
          .sort(),
      ],
    }),
    ...(flows && { flow_membership: flows.map(({ flow_id, variant }) => ({ flow_id, variant })) }),
    ...(journeys && { journey_membership: journeys.map(({ journey_id }) => journey_id).sort() }),
  };
}

const identityOf = ({ identities }: RandomPerson) => `email:${identities[0]?.value}`;

async function compareLookups(trial: DoorsTrial): Promise<void> {
  const { api, token, people, rules } = trial;
  const fields = [...Object.keys(rules.values), ...lists];
  const asked = { fields, format: 'raw' };
  const results: { readonly contact: Json }[] = [];
  for (let from = 0; from < people.length; from += batchSize) {
    const body = { identities: people.slice(from, from + batchSize).map(identityOf), ...asked };
    const batch = await callApi(api, { method: 'POST', path: `${contacts}/batch`, token, body });
    assert.equal(batch.status, 200, batch.body);
    results.push(...JSON.parse(batch.body).results);
  }
  for (const [place, person] of people.entries()) {
    const identity = identityOf(person);
    const wanted = expected(trial, person);
    const why = JSON.stringify({ computed: rules.computed, person }, null, 1);
    assert.deepEqual(answered(trial, results[place]?.contact ?? {}), wanted, `batch ${why}`);
    const query = `identity=${encodeURIComponent(identity)}&fields=${fields.join(',')}&format=raw`;
    const call = {
      ...{ plain: { path: `${contacts}?${query}` } },
      posted: { method: 'POST', path: `${contacts}/lookup`, body: { identity, ...asked } },
    }[place % 2 === 0 ? 'plain' : 'posted'];
    const one = await callApi(api, { ...call, token });
    assert.equal(one.status, 200, one.body);
    assert.deepEqual(answered(trial, JSON.parse(one.body).contact), wanted, `look-up ${why}`);
  }
}

/** A few of the fields give what all of them give. */
async function compareParts(trial: DoorsTrial, random: RandomSource): Promise<void> {
  const { api, token, people, rules } = trial;
  const all = [...Object.keys(rules.values), ...lists];
  for (const person of people.slice(0, 20)) {
    const fields = all.filter(() => random.chance(20));
    if (fields.length === 0) continue;
    const body = { identity: identityOf(person), fields, format: 'raw' };
    const call = { method: 'POST', path: `${contacts}/lookup`, token, body };
    const { contact } = JSON.parse((await callApi(api, call)).body);
    const wanted = expected(trial, person);
    const ofFields = Object.fromEntries(fields.map((name) => [name, wanted[name]]));
    assert.deepEqual(answered(trial, contact), ofFields, fields.join());
  }
}

/**
 * Counts by clause, samples and lists of members.
 * @returns how many pairs of a rule and a contact were true
 */
async function comparePreviews({ api, rules, state, people }: DoorsTrial): Promise<number> {
  const { administration } = api;
  const caller = { administration, organization: state };
  let held = 0;
  await administration.contacts(async (reader) => {
    const previewOf = async (subject: PreviewSubject) => {
      const stop = new AbortController().signal;
      const opened = await openPreview(caller, subject);
      return previewRule(caller, reader, opened, { isExact: true, stop });
    };
    for (const [place, rule] of rules.rules.entries()) {
      const reference = String(firstRuleId + place);
      const members = people.filter(({ contact }) => isTrue(contact, rule));
      held += members.length;
      const ids = members.map(({ contact }) => contact.units?.['contact']).sort();
      const list = await openContactList(caller, reader, {
        ...{ segment: reference, fields: [], identityTypes: [] },
      });
      const page = await list.readPage(null, people.length);
      const listed = page.contacts.map(({ contact_id }) => contact_id).sort();
      assert.deepEqual(listed, ids, `members of ${rule.text}`);
      const subject = place % 2 === 0 ? { reference } : { rule: rule.text };
      const preview = await previewOf(subject);
      const { clauses = [] } = preview.exact ?? {};
      assert.deepEqual(
        {
          ...preview.exact,
          clauses: clauses.map(({ rule: _, ...counts }) => counts),
        },
        countsOf(rule.clauses ?? [rule], people, preview.contacts),
        `preview of ${rule.text}`,
      );
      const { estimate, sample } = preview;
      assert.deepEqual([estimate.members, sample.length], [ids.length, Math.min(10, ids.length)]);
      assert.ok(sample.every(({ contact_id }) => ids.includes(contact_id ?? '')));
      if (place % 10 !== 0) continue;
      // The text of a clause is a rule.
      const { rule: text, alone } = clauses[(place / 10) % clauses.length] ?? {
        rule: '',
        alone: 0,
      };
      assert.equal((await previewOf({ rule: text })).exact?.members, alone, text);
    }
  });
  return held;
}

function countsOf(clauses: RandomRules['rules'], people: readonly RandomPerson[], total: number) {
  const count = (used: RandomRules['rules']) =>
    people.filter(({ contact }) => used.every((clause) => isTrue(contact, clause))).length;
  return {
    ...{ contacts: total, members: count(clauses) },
    clauses: clauses.map((clause, place) => {
      return { alone: count([clause]), in_sequence: count(clauses.slice(0, place + 1)) };
    }),
  };
}
