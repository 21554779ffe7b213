/**
 * What is told of the age of each value, and which values are withheld for it, with the clock at
 * the edges.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Field } from '../../src/domain/contact/field.ts';
import { type MaxAge, usualDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { DatasetAges } from '../../src/lookup/dataset-ages.ts';
import { loadEntityTag, tagText } from '../../src/lookup/entity-tag.ts';
import { lookupContact } from '../../src/lookup/lookup-contact.ts';
import { compileLookupPlan } from '../../src/lookup/lookup-plan.ts';
import { makeEnvelope } from '../../src/lookup/render-contact.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { ContactReader, ContactWriter } from '../../src/stores/store.ts';
import { email, replace } from '../stores/sample-changes.ts';
import { makeField, stateOf } from './sample-plans.ts';

const folder = mkdtempSync(join(tmpdir(), 'usher-freshness-'));
const asOfMs = Date.UTC(2026, 10, 23, 8);
const hour = 3_600_000;
let writer: ContactWriter;
let reader: ContactReader;

before(async () => {
  writer = await openWriter(folder);
  reader = openReader(folder);
  for (const datasetId of [1, 2, 3]) {
    const runId = `run-${datasetId}`;
    const lease = await writer.beginRun({ runId, organizationId: 1, datasetId });
    const id = datasetId * 10;
    await writer.applyBatch(lease, [
      replace([email('tom@hello.com')], { [id]: 'Tom' }),
      replace([email('ann@hello.com')], {}),
    ]);
    if (datasetId < 3) await writer.finishRun(lease, { baselineId: runId, asOfMs });
    else await writer.abandonRun(lease);
  }
});
after(async () => {
  await reader.close();
  await writer.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Asked {
  readonly nowMs: number;
  readonly maxAge: MaxAge | null;
  readonly datasetId?: number;
  readonly who?: string;
  readonly isTold?: boolean;
}

async function ask(asked: Asked) {
  const { nowMs, maxAge, datasetId = 1, who = 'tom@hello.com', isTold = true } = asked;
  const id = datasetId * 10;
  const fields: Field[] = [
    makeField(id, datasetId, 'string'),
    { ...makeField(id + 1, datasetId, 'integer'), name: 'orders' },
  ];
  const definition = { ...usualDefinition, maxAge };
  const dataset = { id: datasetId, name: 'crm', definition, definitionVersion: 1 };
  const plan = compileLookupPlan({
    organization: stateOf(fields, [dataset]),
    allowedFields: null,
    fields: [`field_${id}`, 'orders', 'flow_variant_membership'],
    format: 'raw',
  });
  const answer = await lookupContact(reader, {
    organizationId: 1,
    identity: email(who),
    parts: plan.parts,
    plan,
    envelope: makeEnvelope('{"contact":', '}'),
    entityTag: await loadEntityTag(),
    nowMs,
    ages: { datasetAges: new DatasetAges(reader, () => 0), isTold },
  });
  const { contact, freshness } = JSON.parse(answer?.json ?? '{}');
  const statuses = Object.values(freshness ?? {}).map((it) => (it as { status: string }).status);
  return {
    contact,
    freshness,
    statuses,
    tag: answer && tagText(answer.tag),
    mayWithhold: plan.mayWithhold,
  };
}

test('each field tells its dataset, when that was brought in, and what its value is', async () => {
  const { freshness } = await ask({ nowMs: asOfMs + hour, maxAge: null });
  const of = { dataset: 'crm', as_of: '2026-11-23T08:00:00.000Z' };
  assert.deepEqual(freshness, {
    field_10: { ...of, status: 'present' },
    orders: { ...of, status: 'implied' },
    flow_variant_membership: { dataset: null, as_of: null, status: 'implied' },
  });
  const ann = await ask({ nowMs: asOfMs, maxAge: null, who: 'ann@hello.com' });
  assert.deepEqual(ann.statuses, ['null', 'implied', 'implied']);
});

test('a value is flagged a moment after its maximum age, and not at it', async () => {
  const maxAge: MaxAge = { ms: hour, policy: 'flag' };
  const at = await ask({ nowMs: asOfMs + hour, maxAge });
  assert.deepEqual(at.statuses, ['present', 'implied', 'implied']);
  const past = await ask({ nowMs: asOfMs + hour + 1, maxAge });
  assert.deepEqual(past.statuses, ['stale', 'stale', 'implied']);
  assert.deepEqual(past.contact, at.contact);
  assert.notEqual(past.tag, at.tag);
});

test('a withheld value is answered as null, also where nobody asks how fresh it is', async () => {
  const maxAge: MaxAge = { ms: hour, policy: 'withhold' };
  const at = await ask({ nowMs: asOfMs + hour, maxAge });
  assert.equal(at.mayWithhold, true);
  assert.deepEqual(at.contact, { field_10: 'Tom', orders: 0, flow_variant_membership: [] });
  const withheld = { field_10: null, orders: null, flow_variant_membership: [] };
  const past = await ask({ nowMs: asOfMs + hour + 1, maxAge });
  assert.deepEqual(past.contact, withheld);
  assert.deepEqual(past.statuses, ['withheld', 'withheld', 'implied']);
  const untold = await ask({ nowMs: asOfMs + hour + 1, maxAge, isTold: false });
  assert.deepEqual([untold.contact, untold.freshness], [withheld, undefined]);
});

test('a dataset that is served whatever its age withholds and flags nothing', async () => {
  const maxAge: MaxAge = { ms: hour, policy: 'serve' };
  const old = await ask({ nowMs: asOfMs + 1_000 * hour, maxAge });
  assert.deepEqual(old.statuses, ['present', 'implied', 'implied']);
  assert.equal(old.mayWithhold, false);
});

test('values of an age that nobody knows count as too old where age matters', async () => {
  const flagged = await ask({ nowMs: asOfMs, maxAge: { ms: hour, policy: 'flag' }, datasetId: 3 });
  assert.deepEqual(flagged.statuses, ['stale', 'stale', 'implied']);
  assert.equal(flagged.freshness['field_30'].as_of, null);
  const served = await ask({ nowMs: asOfMs, maxAge: null, datasetId: 3 });
  assert.deepEqual(served.statuses, ['present', 'implied', 'implied']);
});

test('an amended value is told as such, is never too old, and has a tag of its own', async () => {
  const who = 'eve@hello.com';
  const lease = await writer.beginRun({ runId: 'eve', organizationId: 1, datasetId: 1 });
  await writer.applyBatch(lease, [replace([email(who)], { 10: 'Eve' })]);
  await writer.finishRun(lease, { baselineId: 'eve', asOfMs });
  const asked = { nowMs: asOfMs + 9 * hour, who };
  const before = await ask({ ...asked, maxAge: null });
  const set = [{ fieldId: 10, value: '"Eva"' }];
  const change = { set, lift: [], atMs: asOfMs + hour };
  assert.equal(typeof (await writer.amendContact(1, email(who), change, {})), 'object');
  const after = await ask({ ...asked, maxAge: { ms: hour, policy: 'withhold' } });
  assert.deepEqual(after.statuses, ['amended', 'withheld', 'implied']);
  assert.deepEqual(after.freshness.field_10, {
    ...{ dataset: 'crm', as_of: new Date(asOfMs + hour).toISOString(), status: 'amended' },
  });
  assert.equal(after.contact.field_10, 'Eva');
  assert.notEqual((await ask({ ...asked, maxAge: null })).tag, before.tag);
  const lifted = { set: [], lift: [10], atMs: asOfMs };
  assert.equal(typeof (await writer.amendContact(1, email(who), lifted, {})), 'object');
  assert.deepEqual(await ask({ ...asked, maxAge: null }), before);
});

test('the store is asked for an age once in a few milliseconds', () => {
  let asked = 0;
  let nowMs = 0;
  const counting = {
    asOf: () => {
      asked += 1;
      return asOfMs + asked;
    },
  };
  const ages = new DatasetAges(counting, () => nowMs);
  const plan = compileLookupPlan({
    organization: stateOf([makeField(1, 1, 'string')]),
    allowedFields: null,
    fields: null,
    format: 'raw',
  });
  assert.deepEqual(ages.ofPlan(1, plan), [asOfMs + 1]);
  nowMs = 4;
  assert.deepEqual(ages.ofPlan(1, plan), [asOfMs + 1]);
  assert.deepEqual(ages.ofPlan(2, plan), [asOfMs + 2]);
  nowMs = 5;
  assert.deepEqual(ages.ofPlan(1, plan), [asOfMs + 3]);
});

test('a contact whose row was rejected is as old as its last good row, and withheld by that', async () => {
  const maxAge: MaxAge = { ms: hour, policy: 'withhold' };
  const run = async (datasetId: number, runId: string, later: boolean) => {
    const lease = await writer.beginRun({ runId, organizationId: 1, datasetId });
    const bob = [email('bob@hello.com')];
    const change = later
      ? ({ kind: 'keep-age', identities: bob, section: new Uint8Array() } as const)
      : replace(bob, { [datasetId * 10]: 'Bob' });
    await writer.applyBatch(lease, [change]);
    return lease;
  };
  const nowMs = asOfMs + 2 * hour;
  const known = await run(4, 'known', false);
  await writer.finishRun(known, { baselineId: 'known', asOfMs });
  await writer.finishRun(await run(4, 'later', true), { baselineId: 'later', asOfMs: nowMs });
  const old = await ask({ nowMs, maxAge, datasetId: 4, who: 'bob@hello.com' });
  assert.deepEqual(old.freshness.field_40, {
    ...{ dataset: 'crm', as_of: new Date(asOfMs).toISOString(), status: 'withheld' },
  });
  assert.equal(old.contact.field_40, null);
  // No run that read a good row of his ever ended: his age is one that nobody knows.
  await writer.abandonRun(await run(5, 'unfinished', false));
  await writer.finishRun(await run(5, 'later', true), { baselineId: 'later', asOfMs: nowMs });
  const unknown = await ask({ nowMs, maxAge, datasetId: 5, who: 'bob@hello.com' });
  assert.deepEqual(unknown.freshness.field_50, {
    ...{ dataset: 'crm', as_of: null, status: 'withheld' },
  });
  // A good row of his, even one that changes nothing, makes him fresh again.
  await writer.finishRun(await run(5, 'good', false), { baselineId: 'good', asOfMs: nowMs });
  const again = await ask({ nowMs, maxAge, datasetId: 5, who: 'bob@hello.com' });
  assert.deepEqual([again.statuses[0], again.contact.field_50], ['present', 'Bob']);
});
