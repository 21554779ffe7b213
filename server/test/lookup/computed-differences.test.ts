/**
 * Look-ups and batches answer for random rules and contacts what plain functions say: with real
 * records, values that are withheld, lists and memberships.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Dataset, OrganizationState } from '../../src/domain/catalog-state.ts';
import { usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { packMemberships } from '../../src/domain/membership/membership.ts';
import { DatasetAges } from '../../src/lookup/dataset-ages.ts';
import {
  type ContactAnswer,
  lookupContact,
  lookupContacts,
} from '../../src/lookup/lookup-contact.ts';
import { compileLookupPlan } from '../../src/lookup/lookup-plan.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { ContactReader, ContactWriter } from '../../src/stores/store.ts';
import { noDefinitions } from '../catalog/catalog-samples.ts';
import {
  msOf,
  type NaiveContact,
  type NaiveField,
  naiveFields,
  timeZones,
} from '../membership/naive/naive-contact.ts';
import { randomContact } from '../membership/naive/random-contact.ts';
import { type RandomRules, randomRules } from '../membership/naive/random-rules.ts';
import { RandomSource } from '../membership/naive/random-source.ts';
import { RuleTrial } from '../membership/rule-trial.ts';
import { email, list, patch } from '../stores/sample-changes.ts';
import { stateOf } from './sample-plans.ts';

const folder = mkdtempSync(join(tmpdir(), 'usher-differences-'));
const trials = 4;
const rulesPerTrial = 100;
const contactsPerTrial = 40;
const hourMs = 3_600_000;
/** Segments of rules whose truth is compared; the segments that they use have smaller ids. */
const firstId = 1_000;
const pressId = 100;
/** Every contact has a row of this dataset. */
const everybodyId = 200;
const none = { flows: [], journeys: [], campaigns: [], segments: [] };

let writer: ContactWriter;
let reader: ContactReader;

before(async () => {
  writer = await openWriter(folder);
  reader = openReader(folder);
});
after(async () => {
  await reader.close();
  await writer.close();
  rmSync(folder, { recursive: true, force: true });
});

const names = Object.keys(naiveFields) as NaiveField[];
const identityOf = (trial: number, place: number) => email(`${trial}-${place}@hello.com`);

/** Each field has a pushed dataset of its own, which withholds values that are older than 1 h. */
function stateOfTrial(rules: RandomRules, timeZone: string): OrganizationState {
  const { computed, segments } = rules;
  const trial = new RuleTrial({
    fields: Object.fromEntries(names.map((name) => [name, naiveFields[name][0]])),
    implied: Object.fromEntries(names.map((name) => [name, JSON.stringify(naiveFields[name][1])])),
    lists: ['Press'],
    ...{ computed, segments, timeZone },
  });
  const fields = [...trial.fields.values()].map((field) => {
    return field.rule === null ? { ...field, datasetId: field.id } : field;
  });
  const maxAge = { ms: hourMs, policy: 'withhold' } as const;
  const definition = { ...usualDefinition, source: { kind: 'push' }, maxAge } as const;
  const pushed = fields.map(({ id, name }): Dataset => {
    return { id, name: `of_${name}`, definition, definitionVersion: 1 };
  });
  const ofList = { ...usualDefinition, kind: 'list' } as const;
  const press = { id: pressId, name: 'Press', definition: ofList, definitionVersion: 1 };
  const own = rules.rules.map(({ text }, place) => {
    return { id: firstId + place, name: `rule ${place}`, rule: trial.read(text) };
  });
  const defined = [...trial.segments, ...own].map((segment) => ({ ...segment, description: null }));
  const state = stateOf(fields, [...pushed, press]);
  return {
    ...state,
    organization: { ...state.organization, timeZone },
    builtInContent: new Map([['segment_membership', true]]),
    definitions: {
      ...noDefinitions,
      segments: new Map(defined.map((segment) => [segment.id, segment])),
    },
  };
}

/** Only a value can be withheld: a contact without a pushed row has nothing that is too old. */
function contactsOf(random: RandomSource, timeZone: string, nowMs: number): NaiveContact[] {
  return Array.from({ length: contactsPerTrial }, () => {
    const contact = randomContact(random, timeZone);
    const withheld = contact.withheld?.filter((name) => contact.values[name] !== undefined) ?? [];
    return { ...contact, withheld, nowMs };
  });
}

async function write(trial: number, contacts: readonly NaiveContact[], nowMs: number) {
  const everybody = contacts.map((_, place) => patch([identityOf(trial, place)], { 1000: 'x' }));
  await writer.push(1, everybodyId, everybody, { atMs: nowMs });
  for (const [at, name] of names.entries()) {
    const changesOf = (isOld: boolean) =>
      contacts.flatMap(({ values, withheld = [] }, place) => {
        const value = values[name];
        if (value === undefined || withheld.includes(name) !== isOld) return [];
        return [patch([identityOf(trial, place)], { [at + 1]: value })];
      });
    await writer.push(1, at + 1, changesOf(true), { atMs: nowMs - hourMs - 1 });
    await writer.push(1, at + 1, changesOf(false), { atMs: nowMs - hourMs });
  }
  const run = { runId: `run-${trial}`, organizationId: 1, datasetId: pressId };
  const lease = await writer.beginRun(run);
  const marked = contacts.flatMap(({ lists = [] }, place) =>
    lists.length === 0 ? [] : [list([identityOf(trial, place)])],
  );
  await writer.applyBatch(lease, marked);
  await writer.finishRun(lease, { baselineId: run.runId, asOfMs: nowMs });
  for (const [place, { memberships }] of contacts.entries()) {
    if (memberships === undefined) continue;
    const packed = packMemberships({ ...none, ...memberships });
    await writer.putMemberships(1, identityOf(trial, place), packed);
  }
}

function expected({ rules, computed, values }: RandomRules, contact: NaiveContact) {
  const implied = { string: null, date: null, boolean: false } as const;
  const segments = rules.flatMap((rule, place) =>
    rule.value(contact) === true ? [firstId + place] : [],
  );
  const fields = Object.entries(values).map(([name, { value }]) => {
    const type = computed[name]?.[0] ?? 'float';
    const own = value(contact) ?? (type in implied ? implied[type as keyof typeof implied] : 0);
    // Records know no negative zero.
    return [name, own === 0 ? 0 : own];
  });
  return { segments, ...Object.fromEntries(fields) } as Record<string, unknown>;
}

function answered({ computed }: RandomRules, timeZone: string, answer: ContactAnswer | undefined) {
  const contact = JSON.parse(Buffer.from(answer?.json ?? '', 'latin1').toString());
  const { segment_membership: ids, ...values } = contact as Record<string, unknown>;
  const fields = Object.entries(values).map(([name, value]) => {
    return [name, computed[name]?.[0] === 'date' ? msOf(value, timeZone) : value];
  });
  const segments = (ids as number[]).filter((id) => id >= firstId);
  return { segments, ...Object.fromEntries(fields) } as Record<string, unknown>;
}

test('look-ups and batches agree with plain functions for 400 random rules', async (t) => {
  const seed = Number(process.env['USHER_TEST_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`USHER_TEST_SEED=${seed}`);
  const random = new RandomSource(seed);
  for (let trial = 0; trial < trials; trial += 1) {
    const rules = randomRules(random, rulesPerTrial);
    const nowMs = Date.UTC(2026, 2, random.pick([7, 8, 9]), random.below(24));
    const timeZone = random.pick(timeZones);
    const contacts = contactsOf(random, timeZone, nowMs);
    await write(trial, contacts, nowMs);
    const plan = compileLookupPlan({
      organization: stateOfTrial(rules, timeZone),
      allowedFields: null,
      fields: [...Object.keys(rules.values), 'segment_membership'],
      format: 'raw',
    });
    const ages = { datasetAges: new DatasetAges(reader, () => 0), isTold: false };
    const request = { organizationId: 1, plan, parts: plan.parts, nowMs, ages };
    const identities = contacts.map((_, place) => identityOf(trial, place));
    const batch = await lookupContacts(reader, identities, request);
    for (const [place, contact] of contacts.entries()) {
      const identity = identities[place] ?? identityOf(trial, 0);
      const one = lookupContact(reader, { ...request, identity });
      assert.ok(!(one instanceof Promise), 'withholding needs no promise');
      const wanted = expected(rules, contact);
      const message = JSON.stringify({ computed: rules.computed, contact }, null, 1);
      assert.deepEqual(answered(rules, timeZone, one), wanted, message);
      assert.deepEqual(answered(rules, timeZone, batch[place]), wanted, message);
    }
  }
});
