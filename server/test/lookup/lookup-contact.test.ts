/**
 * What a look-up renders, against the values that were written: any fields of any datasets, in any
 * order, with any text.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { Field } from '../../src/domain/contact/field.ts';
import { identityDigest } from '../../src/domain/contact/identity.ts';
import { packMemberships } from '../../src/domain/membership/membership.ts';
import { loadEntityTag, tagText, untagged } from '../../src/lookup/entity-tag.ts';
import { lookupContact } from '../../src/lookup/lookup-contact.ts';
import { compileLookupPlan } from '../../src/lookup/lookup-plan.ts';
import { makeEnvelope } from '../../src/lookup/render-contact.ts';
import { encodeSection } from '../../src/stores/contact-codec.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { ContactReader, ContactWriter, KnownIdentity } from '../../src/stores/store.ts';
import { makeField, stateOf } from './sample-plans.ts';

const folder = mkdtempSync(join(tmpdir(), 'usher-lookup-'));
let writer: ContactWriter;
let reader: ContactReader;
let runs = 0;

before(async () => {
  writer = await openWriter(folder);
  reader = openReader(folder);
});
after(async () => {
  await reader.close();
  await writer.close();
  rmSync(folder, { recursive: true, force: true });
});

async function write(identity: KnownIdentity, values: ReadonlyMap<Field, unknown>): Promise<void> {
  const datasets = new Set([...values.keys()].map(({ datasetId }) => datasetId));
  for (const datasetId of datasets) {
    runs += 1;
    const lease = await writer.beginRun({ runId: `run-${runs}`, organizationId: 1, datasetId });
    const section = [...values]
      .filter(([field]) => field.datasetId === datasetId)
      .sort(([one], [other]) => one.id - other.id)
      .map(([field, value]) => [field.id, Buffer.from(JSON.stringify(value))] as const);
    const change = {
      kind: 'replace',
      identities: [identity],
      section: encodeSection(section),
    } as const;
    await writer.applyBatch(lease, [change]);
    await writer.finishRun(lease, { baselineId: `baseline-${runs}`, asOfMs: 0 });
  }
}

function identityOf(value: string): KnownIdentity {
  return { typeId: 1, digest: identityDigest('email', value), value };
}

const sample = fc.record({
  count: fc.integer({ min: 1, max: 30 }),
  datasets: fc.integer({ min: 1, max: 4 }),
  texts: fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ maxLength: 300 })), {
    minLength: 30,
    maxLength: 30,
  }),
  isSet: fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }),
  /** `null`: no value, whatever the dataset says. */
  amended: fc.dictionary(
    fc.constantFrom(...Array.from({ length: 30 }, (_, index) => `${index}`)),
    fc.option(fc.string({ maxLength: 20 })),
    { maxKeys: 4 },
  ),
  order: fc.shuffledSubarray(Array.from({ length: 30 }, (_, index) => index)),
});

test('every value is answered in the order asked, what was amended over that of its dataset', async () => {
  const entityTag = await loadEntityTag();
  let person = 0;
  await fc.assert(
    fc.asyncProperty(sample, async ({ count, datasets, texts, isSet, amended, order }) => {
      const fields = Array.from({ length: count }, (_, index) =>
        makeField(index + 1, (index % datasets) + 1, 'text'),
      );
      const set = fields.filter((_, index) => isSet[index]);
      fc.pre(set.length > 0);
      person += 1;
      const identity = identityOf(`person${person}@example.com`);
      await write(identity, new Map(set.map((field) => [field, texts[field.id - 1]])));
      const values = Object.entries(amended)
        .filter(([index]) => Number(index) < count)
        .map(([index, value]) => ({ fieldId: Number(index) + 1, value: JSON.stringify(value) }));
      await writer.amendContact(1, identity, { set: values, lift: [], atMs: 1 }, {});
      const asked = order.filter((index) => index < count).map((index) => `field_${index + 1}`);
      const plan = compileLookupPlan({
        organization: stateOf(fields),
        allowedFields: null,
        fields: asked,
        format: 'display',
      });
      const envelope = makeEnvelope('{"contact":', '}');
      const request = {
        organizationId: 1,
        identity,
        plan,
        parts: plan.parts,
        nowMs: 0,
        envelope,
        entityTag,
      };
      const answer = await lookupContact(reader, request);
      const text = Buffer.from(answer?.json ?? '', 'latin1').toString();
      const names = new Set(set.map(({ name }) => name));
      const expected = asked.map((name) => {
        const index = Number(name.slice('field_'.length)) - 1;
        const given = names.has(name) ? texts[index] : null;
        return [name, index in amended ? amended[index] : given];
      });
      assert.equal(text, JSON.stringify({ contact: Object.fromEntries(expected) }));
      assert.match(tagText(answer?.tag ?? untagged), /^"[0-9a-f]{16}"$/);
    }),
    { numRuns: 60 },
  );
});

test('a field that was amended to no value has its implied value', async () => {
  const identity = identityOf('amended@example.com');
  const amount = { ...makeField(1, 1, 'currency'), impliedValue: '5' };
  await write(identity, new Map([[amount, 7.5]]));
  const plan = compileLookupPlan({
    organization: stateOf([amount]),
    allowedFields: null,
    fields: null,
    format: 'display',
  });
  const answer = async (value: string) => {
    const change = { set: [{ fieldId: 1, value }], lift: [], atMs: 1 };
    await writer.amendContact(1, identity, change, {});
    const found = await lookupContact(reader, {
      organizationId: 1,
      identity,
      plan,
      parts: plan.parts,
      nowMs: 0,
    });
    return JSON.parse(Buffer.from(found?.json ?? '', 'latin1').toString()).field_1;
  };
  assert.equal(await answer('2'), '$2.00');
  assert.equal(await answer('null'), '$5.00');
});

test('the tag is the same for the same body and another for another', async () => {
  const entityTag = await loadEntityTag();
  const tags = Array.from({ length: 500 }, (_, index) =>
    tagText(entityTag(Buffer.from(`{"n":${index}}`))),
  );
  assert.equal(new Set(tags).size, 500);
  assert.equal(tagText(entityTag(Buffer.from('{"n":7}'))), tags[7]);
});

test('recorded memberships stand between fields of the record where they were asked', async () => {
  const identity = identityOf('member@example.com');
  const name = makeField(1, 1, 'string');
  await write(identity, new Map([[name, 'Ana']]));
  const flows = [{ flowId: 7, flowName: null, variant: 'A \u00fc', since: null }];
  const none = { journeys: [], campaigns: [], segments: [] };
  await writer.putMemberships(1, identity, packMemberships({ flows, ...none }));
  const plan = compileLookupPlan({
    organization: stateOf([name]),
    allowedFields: null,
    fields: ['flow_variant_membership', 'field_1'],
    format: 'display',
  });
  const answer = await lookupContact(reader, {
    organizationId: 1,
    identity,
    plan,
    parts: plan.parts,
    nowMs: 0,
  });
  assert.deepEqual(JSON.parse(Buffer.from(answer?.json ?? '', 'latin1').toString()), {
    flow_variant_membership: ['7-A \u00fc'],
    field_1: 'Ana',
  });
});

test('another organization finds nothing of it', async () => {
  const identity = identityOf('member@example.com');
  const plan = compileLookupPlan({
    organization: stateOf([makeField(1, 1, 'string')]),
    allowedFields: null,
    fields: null,
    format: 'raw',
  });
  assert.equal(
    await lookupContact(reader, { organizationId: 2, identity, plan, parts: plan.parts, nowMs: 0 }),
    undefined,
  );
});
