/** Explanations of random segments and flows say what plain functions say. */
import assert from 'node:assert/strict';
import { type Explanation, explainEverything } from '../../src/explain/explain-everything.ts';
import { DatasetAges } from '../../src/lookup/dataset-ages.ts';
import {
  fieldValue,
  hasValue,
  msOf,
  type NaiveContact,
  type NaiveField,
  naiveFields,
} from '../membership/naive/naive-contact.ts';
import { isTrue } from '../membership/naive/naive-source.ts';
import { email } from '../stores/sample-changes.ts';
import { callApi } from './call-api.ts';
import { type DoorsTrial, firstRuleId, type RandomPerson, valuesOf } from './four-doors-catalog.ts';

type Input = Explanation['segments'][number]['clauses'][number]['inputs'][number];

/** Administration is limited to a few requests a second, so only some of them are over HTTP. */
export async function compareExplanations(trial: DoorsTrial): Promise<void> {
  const { api, people, state } = trial;
  await api.administration.contacts(async (reader) => {
    const datasetAges = new DatasetAges(reader, () => 0);
    for (const [place, person] of people.entries()) {
      const { identities, contact } = person;
      const [identity = email('')] = identities;
      const asked = { identity, identityType: 'email', token: null };
      const administration = { ...api.administration, clock: () => contact.nowMs };
      const caller = { administration, organization: state };
      const explained =
        place < 10
          ? await askFor(trial, identity.value)
          : await explainEverything(caller, { reader, datasetAges }, asked);
      compareExplanation(trial, person, explained);
    }
  });
}

async function askFor({ api, token }: DoorsTrial, value: string): Promise<Explanation> {
  const body = { identity: `email:${value}` };
  const call = { method: 'POST', path: '/admin/v1/contacts/explain', token, body };
  const answer = await callApi(api, call);
  assert.equal(answer.status, 200, answer.body);
  return JSON.parse(answer.body);
}

function compareExplanation(
  trial: DoorsTrial,
  { contact }: RandomPerson,
  { contact_id, segments, flows, fields }: Explanation,
): void {
  const { rules } = trial;
  assert.equal(contact_id, contact.units?.['contact']);
  for (const { id, name, is_member, clauses } of segments) {
    const rule = rules.rules[id - firstRuleId] ?? rules.named.get(name);
    assert.ok(rule, name);
    const why = `${rule.text}\n${JSON.stringify(contact)}`;
    assert.equal(is_member, isTrue(contact, rule), why);
    const truths = (rule.clauses ?? [rule]).map((clause) => isTrue(contact, clause));
    assert.deepEqual(
      clauses.map((clause) => clause.is_true),
      truths,
      why,
    );
    for (const input of clauses.flatMap(({ inputs }) => inputs))
      compareInput(trial, contact, input);
  }
  for (const field of fields) {
    if (field.field in naiveFields || field.rule !== null) compareInput(trial, contact, field);
  }
  const defined = [...rules.flows.flows.values()].filter(({ segment }) => segment !== null);
  assert.deepEqual(
    flows.map(({ id, is_in_segment, is_member, variant, left_out }) => {
      return { id, isInSegment: is_in_segment, isMember: is_member, variant, leftOut: left_out };
    }),
    defined
      .toSorted((one, other) => one.id - other.id)
      .map((flow) => ({ id: flow.id, ...rules.flows.place(contact, flow) })),
    JSON.stringify(contact),
  );
}

function compareInput({ rules, state }: DoorsTrial, contact: NaiveContact, input: Input): void {
  const { field, value, from } = input;
  if (from === 'computed' || from === 'approximate') {
    const isDate = rules.computed[field]?.[0] === 'date';
    const found = isDate ? msOf(value, state.organization.timeZone) : value;
    assert.equal(found, valuesOf(rules, contact)[field], field);
    return;
  }
  assert.ok(field in naiveFields, field);
  const name = field as NaiveField;
  assert.deepEqual(value, fieldValue(contact, name), field);
  const isAmended = contact.amended !== undefined && name in contact.amended;
  assert.equal(from === 'amended', isAmended, field);
  if (!isAmended) assert.equal(from === 'value', hasValue(contact, name), field);
}
