/**
 * The embedded store and a model store made of maps agree on every sequence of runs, repetitions
 * and restarts.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { ContactChange, ContactReader, KnownIdentity } from '../../src/stores/store.ts';
import { change, identity, readContact, readIdentities } from './sample-changes.ts';
import { type ModelChange, StoreModel } from './store-model.ts';

const organizationIds = [1, 2];

interface Run {
  readonly organizationId: number;
  readonly datasetId: number;
  readonly changes: readonly ModelChange[];
  /** Whether the batch is sent once more in the same run. */
  readonly repeats: boolean;
  readonly restarts: boolean;
}

const fields = fc.dictionary(
  fc.constantFrom('1', '2', '3', '900'),
  fc.option(fc.oneof(fc.string({ maxLength: 3 }), fc.integer(), fc.boolean()), { nil: undefined }),
);

const modelChange: fc.Arbitrary<ModelChange> = fc.record({
  kind: fc.constantFrom('replace', 'patch', 'patch', 'clear', 'list'),
  identities: fc.array(fc.constantFrom('1:a', '1:b', '1:c', '2:a', '2:d', '2:e', '3:f'), {
    minLength: 1,
    maxLength: 3,
  }),
  fields,
});

const runs: fc.Arbitrary<Run[]> = fc.array(
  fc.record({
    organizationId: fc.constantFrom(...organizationIds),
    datasetId: fc.constantFrom(1, 2, 7),
    changes: fc.array(modelChange, { maxLength: 8 }),
    repeats: fc.boolean(),
    restarts: fc.boolean(),
  }),
  { minLength: 1, maxLength: 10 },
);

test('the store agrees with a model made of maps after any runs, repetitions and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async (all) => {
      const folder = mkdtempSync(join(tmpdir(), 'usher-model-'));
      try {
        await compare(folder, all);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }),
    { numRuns: 60 },
  );
});

async function compare(folder: string, all: readonly Run[]): Promise<void> {
  const model = new StoreModel();
  let writer = await openWriter(folder);
  let reader = openReader(folder);
  const close = async () => {
    await reader.close();
    await writer.close();
  };
  try {
    for (const [version, run] of all.entries()) {
      const { organizationId, datasetId, changes } = run;
      const lease = await writer.beginRun({ runId: `run-${version}`, organizationId, datasetId });
      const batch = changes.map(toChange);
      for (let time = 0; time <= Number(run.repeats); time += 1) {
        const { revision, ...report } = await writer.applyBatch(lease, batch);
        assert.deepEqual(report, model.apply({ organizationId, datasetId, version }, changes));
        assert.equal(revision === '', report.added + report.changed + report.cleared === 0);
      }
      await writer.finishRun(lease, { baselineId: `baseline-${version}`, asOfMs: 0 });
      if (run.restarts) {
        await close();
        writer = await openWriter(folder);
        reader = openReader(folder);
      }
      for (const id of organizationIds) await compareOrganization(reader, id, model);
    }
    assert.deepEqual(await reader.verify(), {
      tornContacts: 0,
      danglingIdentities: 0,
      wrongCounts: 0,
    });
  } finally {
    await close();
  }
}

async function compareOrganization(
  reader: ContactReader,
  organizationId: number,
  model: StoreModel,
): Promise<void> {
  const contacts = model.contacts(organizationId);
  const ids = new Set<string>();
  for (const [text, expected] of contacts) {
    const record = await readContact(reader, organizationId, toIdentity(text));
    // What was cleared everywhere is kept, and not answered.
    assert.equal(record !== undefined, expected.sections.size > 0);
    if (record === undefined) continue;
    ids.add(record.contactId.toString('hex'));
    const sections = record.sections.map(({ datasetId, fields }) => [datasetId, asObject(fields)]);
    const wanted = [...expected.sections].map(([datasetId, it]) => [datasetId, it.fields] as const);
    assert.deepEqual(
      sections,
      wanted.sort(([a], [b]) => a - b),
    );
    const known = await readIdentities(reader, organizationId, toIdentity(text));
    assert.deepEqual(
      known.map(({ typeId, value }) => `${typeId}:${value}`),
      expected.identities,
    );
  }
  const counts = { contacts: new Set(contacts.values()).size, identities: contacts.size };
  assert.deepEqual(await reader.counts(organizationId), counts);
  const filled = new Set([...contacts.values()].filter(({ sections }) => sections.size > 0));
  assert.equal(ids.size, filled.size);
}

function asObject(fields: ReadonlyMap<number, string>): Record<number, unknown> {
  return Object.fromEntries([...fields].map(([id, json]) => [id, JSON.parse(json)]));
}

function toChange({ kind, identities, fields: given }: ModelChange): ContactChange {
  return change(kind, identities.map(toIdentity), given);
}

function toIdentity(text: string): KnownIdentity {
  return identity(Number(text[0]), text.slice(2));
}
