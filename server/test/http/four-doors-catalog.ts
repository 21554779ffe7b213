/** A catalog file of random rules and flows, and random contacts that it is tried on. */
import type { Administration } from '../../src/administration/administration.ts';
import { applyCatalog, exportCatalog } from '../../src/administration/document/apply-catalog.ts';
import type { OrganizationState } from '../../src/domain/catalog-state.ts';
import type { KnownIdentity } from '../../src/stores/store.ts';
import {
  type NaiveContact,
  type NaiveField,
  naiveFields,
} from '../membership/naive/naive-contact.ts';
import type { NaiveFlow } from '../membership/naive/naive-flow.ts';
import { randomContact } from '../membership/naive/random-contact.ts';
import type { RandomRules } from '../membership/naive/random-rules.ts';
import type { RandomSource } from '../membership/naive/random-source.ts';
import { email, forget, identity, list, patch, report } from '../stores/sample-changes.ts';
import type { RunningApi } from './start-api.ts';

type Json = Record<string, unknown>;

/** Segments of rules whose truth is compared; the segments that they use have smaller ids. */
export const firstRuleId = 1_000;

const hourMs = 3_600_000;
const names = Object.keys(naiveFields) as NaiveField[];

/** Each field has a pushed dataset of its own, which withholds values that are older than 1 h. */
function documentOf(rules: RandomRules, timeZone: string) {
  const { flows, groups, holdout } = rules.flows;
  const identifiers = { email: 'Mail' };
  const max_age = { after: '1h', policy: 'withhold' };
  const datasetOf = (name: NaiveField) => {
    const [type, implied_value] = naiveFields[name];
    const field = { type, implied_value, condition: true };
    return { source: { kind: 'push' }, identifiers, max_age, fields: { [name]: field } };
  };
  const memberships = ['segment', 'flow', 'flow_variant', 'journey'];
  return {
    version: 1,
    organization: { time_zone: timeZone },
    identity_types: { user_id: 'exact' },
    built_in_content: Object.fromEntries(memberships.map((it) => [`${it}_membership`, true])),
    datasets: {
      ...Object.fromEntries(names.map((name) => [`of_${name}`, datasetOf(name)])),
      everybody: { source: { kind: 'push' }, identifiers, fields: { mark: { type: 'string' } } },
      press: { kind: 'list', identifiers },
    },
    computed_fields: Object.fromEntries(
      Object.entries(rules.computed).map(([name, [type, rule]]) => {
        return [name, { type, rule, condition: true }];
      }),
    ),
    segments: {
      ...Object.fromEntries(Object.entries(rules.segments).map(([name, rule]) => [name, { rule }])),
      ...Object.fromEntries(
        rules.rules.map(({ text }, place) => {
          const id = firstRuleId + place;
          return [`rule ${id}`, { id, rule: text }];
        }),
      ),
    },
    flows: Object.fromEntries([...flows.values()].map((flow) => [flow.name, flowDocument(flow)])),
    exclusion_groups: Object.fromEntries(groups.map(({ name, ...group }) => [name, group])),
    global_holdout: holdout,
  };
}

function flowDocument({ id, status, segment, unit, salt, ...flow }: NaiveFlow) {
  const { variants, branches, otherwise, holdout } = flow;
  return {
    ...{ id, status, unit, salt, holdout },
    ...(segment !== null && { segment: segment.name }),
    ...(variants !== null && { variants }),
    ...(branches !== null && {
      branches: branches.map(({ rule, variant }) => ({ rule: rule.text, variant })),
      otherwise,
    }),
  };
}

/** Applies the catalog, and tells the plain functions the slots of its export. */
export async function defineRandom(
  administration: Administration,
  rules: RandomRules,
  timeZone: string,
): Promise<void> {
  const how = { prune: false, force: false, dryRun: false, sectionsOf: async () => 0 };
  await applyCatalog(administration, 1, { ...how, document: documentOf(rules, timeZone) });
  rules.flows.learn(await exportCatalog(administration, 1));
}

export interface DoorsTrial {
  readonly api: RunningApi;
  readonly token: string;
  readonly rules: RandomRules;
  readonly state: OrganizationState;
  readonly people: readonly RandomPerson[];
}

export interface RandomPerson {
  /** Begins with an e-mail. */
  readonly identities: readonly KnownIdentity[];
  readonly contact: NaiveContact;
}

function hexOf({ digest }: KnownIdentity): string {
  return Buffer.from(digest).toString('hex');
}

/** Only a value can be withheld: a contact without a pushed row has nothing that is too old. */
export function randomPeople(
  random: RandomSource,
  state: OrganizationState,
  { count, nowMs }: { readonly count: number; readonly nowMs: number },
): RandomPerson[] {
  const userType = state.identityTypes.get('user_id')?.id ?? 0;
  return Array.from({ length: count }, (_, place) => {
    const made = randomContact(random, state.organization.timeZone);
    const other = randomContact(random, state.organization.timeZone);
    const withheld = made.withheld?.filter((name) => made.values[name] !== undefined) ?? [];
    const amended = random.chance(80)
      ? []
      : names.filter(() => random.chance(20)).map((name) => [name, other.values[name] ?? null]);
    const users = Array.from({ length: random.below(3) }, (__, at) =>
      identity(userType, `user ${place} ${at}`),
    );
    const memberships = made.memberships && {
      ...made.memberships,
      segments: ['Reported one', 'another'].filter(() => random.chance(40)),
      journeys: [7, 8]
        .filter(() => random.chance(40))
        .map((journeyId) => ({
          ...{ journeyId, journeyName: null, step: 'first "step"', enteredAt: null },
          stepEnteredAt: null,
        })),
    };
    const mail = email(`${place}@hello.com`);
    const digests = users.map(hexOf).sort();
    const units = { email: hexOf(mail), user_id: digests[0] };
    const contact = {
      ...{ ...made, withheld, nowMs, units, amended: Object.fromEntries(amended) },
      ...(memberships && { memberships }),
    };
    return { identities: [mail, ...users], contact };
  });
}

/** What feeds say about the contact. */
function reportsOf({ memberships }: NaiveContact): readonly object[] {
  const { flows = [], campaigns = [], segments = [], journeys = [] } = memberships ?? {};
  const reported_at = '2026-01-01T00:00:00Z';
  return [
    ...flows.map(({ flowId, flowName, variant }) => {
      return { flow_id: flowId, flow_name: flowName, variant, reported_at };
    }),
    ...campaigns.map(({ campaignId, campaignName, variant, receivedAt }) => {
      return {
        ...{ campaign_id: campaignId, campaign_name: campaignName, variant },
        received_at: receivedAt,
      };
    }),
    ...segments.map((name) => ({ segment_name: name, reported_at })),
    ...journeys.map(({ journeyId, step }) => ({ journey_id: journeyId, step, reported_at })),
  ];
}

/** @returns the people with the ids of their contacts */
export async function writePeople(
  { administration, writer, fieldId }: RunningApi,
  state: OrganizationState,
  people: readonly RandomPerson[],
): Promise<RandomPerson[]> {
  const idOf = (name: string) => state.datasets.get(name)?.id ?? 0;
  const nowMs = people[0]?.contact.nowMs ?? 0;
  const others = { runId: 'others', organizationId: 1, datasetId: idOf('crm') };
  const emptied = await writer.beginRun(others);
  const strangers = ['tom@hello.com', 'zoë@hello.com'].map((it) => forget([email(it)]));
  await writer.applyBatch(emptied, strangers);
  await writer.finishRun(emptied, { baselineId: others.runId, asOfMs: nowMs });
  const everybody = people.map(({ identities }) => patch(identities, { [fieldId('mark')]: 'x' }));
  await writer.push(1, idOf('everybody'), everybody, { atMs: nowMs });
  for (const name of names) {
    const changesOf = (isOld: boolean) =>
      people.flatMap(({ identities, contact: { values, withheld = [] } }) => {
        const value = values[name];
        if (value === undefined || withheld.includes(name) !== isOld) return [];
        return [patch(identities.slice(0, 1), { [fieldId(name)]: value })];
      });
    await writer.push(1, idOf(`of_${name}`), changesOf(true), { atMs: nowMs - hourMs - 1 });
    await writer.push(1, idOf(`of_${name}`), changesOf(false), { atMs: nowMs - hourMs });
  }
  const run = { runId: 'press', organizationId: 1, datasetId: idOf('press') };
  const lease = await writer.beginRun(run);
  const listed = people.filter(({ contact }) => contact.lists?.length !== 0);
  await writer.applyBatch(lease, [
    ...listed.map(({ identities }) => list(identities.slice(0, 1))),
    ...people.flatMap(({ identities, contact }) => {
      const reports = reportsOf(contact);
      return reports.length === 0 ? [] : [report(identities, reports)];
    }),
  ]);
  await writer.finishRun(lease, { baselineId: run.runId, asOfMs: nowMs });
  for (const { identities, contact } of people) {
    const [one = email('')] = identities;
    const { amended = {} } = contact;
    const set = Object.entries(amended).map(([name, value]) => {
      return { fieldId: fieldId(name), value: JSON.stringify(value) };
    });
    if (set.length > 0) await writer.amendContact(1, one, { set, lift: [], atMs: nowMs }, {});
  }
  const found = await administration.contacts((reader) =>
    Promise.all(
      people.map(async ({ identities: [one = email('')] }) => {
        const explained = await reader.explainContact(1, one, state.identityRules);
        const hex = Buffer.from(explained?.contactId ?? []).toString('hex');
        return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      }),
    ),
  );
  return people.map(({ identities, contact }, place) => {
    const units = { ...contact.units, contact: found?.[place] };
    return { identities, contact: { ...contact, units } };
  });
}

/** The computed fields. */
export function valuesOf(
  { computed, values }: RandomRules,
  contact: RandomPerson['contact'],
): Json {
  const implied = { string: null, date: null, boolean: false } as const;
  const found = Object.entries(values).map(([name, { value }]) => {
    const type = computed[name]?.[0] ?? 'float';
    const own = value(contact) ?? (type in implied ? implied[type as keyof typeof implied] : 0);
    // Records know no negative zero.
    return [name, own === 0 ? 0 : own];
  });
  return Object.fromEntries(found) as Json;
}
