/** Random runs of several datasets: a rolled back store equals one that never had the run. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import type { RunLease } from '../../src/stores/run-lease.ts';
import type { ContactChange } from '../../src/stores/store.ts';
import { change, hashOnly, identity, report } from './sample-changes.ts';

const sound = { tornContacts: 0, danglingIdentities: 0, wrongCounts: 0 };

/** A dataset has one kind of rows. */
export const datasets = { contacts: 1, others: 2, list: 3, reports: 4 } as const;

export interface Run {
  readonly datasetId: number;
  /** The batches of the run. The last one is sent twice. */
  readonly batches: readonly (readonly ContactChange[])[];
  readonly isRolledBack: boolean;
  /** How many contacts each step of the rollback restores. */
  readonly limit: number;
}

const identities = fc.uniqueArray(
  fc
    .constantFrom('1:a', '1:b', '1:c', '2:a', '2:d', '2:e', '3:f')
    .map((text) => identity(Number(text[0]), text.slice(2)))
    .chain((known) => fc.constantFrom(known, known, hashOnly(known))),
  { minLength: 1, maxLength: 3, selector: ({ typeId, digest }) => `${typeId} ${digest}` },
);

const fields = fc.dictionary(
  fc.constantFrom('1', '2', '900'),
  fc.option(fc.oneof(fc.string({ maxLength: 3 }), fc.integer()), { nil: undefined }),
);

const day = fc.integer({ min: 1, max: 9 }).map((number) => `2026-11-0${number}`);

const told = fc.oneof(
  fc.record({
    flow_id: fc.integer({ min: 1, max: 3 }),
    timestamp: day,
    operation: fc.constantFrom('add', 'remove'),
    variant: fc.constantFrom('A', 'B', null),
  }),
  fc.record({ segment_name: fc.constantFrom('vip', 'new'), reported_at: day }),
  fc.record({ campaign_id: fc.constantFrom('x', 'y'), received_at: day }),
);

const contactRow = fc
  .record({ kind: fc.constantFrom('replace', 'patch', 'clear'), identities, fields })
  .map((row) => change(row.kind, row.identities, row.fields));
const listRow = fc
  .record({ kind: fc.constantFrom('list', 'clear'), identities })
  .map((row) => change(row.kind, row.identities));
const reportRow = fc.record({ identities, told }).map((row) => report(row.identities, row.told));

const run: fc.Arbitrary<Run> = fc.constantFrom(...Object.values(datasets)).chain((datasetId) =>
  fc.record({
    datasetId: fc.constant(datasetId),
    batches: fc.array(
      fc.array(rowsOf(datasetId), { maxLength: 6 }) as fc.Arbitrary<ContactChange[]>,
      { minLength: 1, maxLength: 3 },
    ),
    isRolledBack: fc.boolean(),
    limit: fc.integer({ min: 1, max: 5 }),
  }),
);

function rowsOf(datasetId: number): fc.Arbitrary<ContactChange> {
  if (datasetId === datasets.list) return listRow;
  return datasetId === datasets.reports ? reportRow : contactRow;
}

/** @param count of random sequences of runs */
export async function tryRollbacks(count: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 8 }), compareRollback),
    { numRuns: count },
  );
}

export async function compareRollback(runs: readonly Run[]): Promise<void> {
  const digests = await Promise.all([
    digestAfter(runs),
    digestAfter(runs.filter(({ isRolledBack }) => !isRolledBack)),
  ]);
  assert.deepEqual(digests[0], digests[1]);
}

/** @param count of random sequences of runs of one dataset, rolled back newest first */
export async function tryRollingAllBack(count: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 6 }), async (all) => {
      const runs = all.map((it) => ({ ...it, datasetId: datasets.contacts, isRolledBack: false }));
      const taken = await digestAfter(runs.filter(isOfContacts(all)), { rollsAllBack: true });
      assert.deepEqual(taken, await digestAfter([]));
    }),
    { numRuns: count },
  );
}

/** Leaves out runs of reports, because their rows do not fit a dataset of contacts. */
function isOfContacts(all: readonly Run[]): (run: Run, place: number) => boolean {
  return (_, place) => (all[place]?.datasetId ?? 0) <= datasets.others;
}

async function digestAfter(runs: readonly Run[], { rollsAllBack = false } = {}): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'usher-rollback-'));
  const writer = await openWriter(folder);
  const reader = openReader(folder);
  let count = 0;
  const begin = (datasetId: number, canRollBack: boolean) => {
    count += 1;
    return writer.beginRun({ runId: `${count}`, organizationId: 1, datasetId, canRollBack });
  };
  const rollBack = async (rolledBack: RunLease, limit: number) => {
    const rollback = await begin(rolledBack.datasetId, false);
    for (let step = 0; step < 100; step += 1) {
      if ((await writer.rollBackBatch(rollback, rolledBack, limit)).isDone) break;
    }
    await writer.abandonRun(rollback);
  };
  try {
    const leases: RunLease[] = [];
    for (const { datasetId, batches, isRolledBack, limit } of runs) {
      const lease = await begin(datasetId, true);
      for (const batch of [...batches, batches.at(-1) ?? []]) await writer.applyBatch(lease, batch);
      await writer.finishRun(lease, { baselineId: 'any', asOfMs: 1 });
      if (isRolledBack) await rollBack(lease, limit);
      else leases.push(lease);
    }
    while (rollsAllBack && leases.length > 0) await rollBack(leases.pop() as RunLease, 2);
    assert.deepEqual(await reader.verify(), sound);
    const ids = Object.values(datasets);
    const perDataset = await Promise.all(ids.map((id) => reader.datasetCounts(1, id)));
    return [await reader.digest('content'), await reader.counts(1), perDataset];
  } finally {
    await reader.close();
    await writer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
