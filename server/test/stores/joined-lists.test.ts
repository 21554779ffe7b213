/** A run notes the contacts that it joins in lists, and counts each once at its end. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { encodeSection } from '../../src/stores/contact-codec.ts';
import type { RunLease } from '../../src/stores/run-lease.ts';
import type { KnownIdentity } from '../../src/stores/store.ts';
import { usualSettings } from '../identities/scenario.ts';
import { StorePlace } from '../identities/store-place.ts';
import { makeIdentityRulesOf, typeIdOf } from '../identities/store-rules.ts';

const store = new StorePlace();
after(() => store.remove());

test('each contact is counted once, in pages and if a page is asked for again', async () => {
  const organizationId = await store.nextOrganization();
  const people = Array.from({ length: 300 }, (_, place) => place);
  await load(organizationId, 'shop', ...people.map((it) => `user:${it} em:shop${it}`));
  await load(organizationId, 'news', ...people.map((it) => `em:news${it}`));
  const imp = await begin(organizationId, 'imp');
  await apply(imp, ...people.map((it) => `em:news${it} user:${it}`));
  const first = await store.writer.reportRun(imp, null, 100);
  assert.ok(first.next !== null && first.joined > 0 && first.joined < 300, `${first.joined}`);
  assert.equal((await store.writer.reportRun(imp, null, 100)).joined, first.joined);
  assert.equal(await countJoined(imp, 100), 300);
  assert.equal(await countJoined(imp, 100), 300);
});

test('a contact that was joined and is one of its own again is not counted', async () => {
  const organizationId = await store.nextOrganization();
  await load(organizationId, 'shop', 'user:7 em:a');
  await load(organizationId, 'news', 'em:x');
  const imp = await begin(organizationId, 'imp');
  await apply(imp, 'em:x user:7');
  await apply(imp, 'em:y user:7');
  assert.equal(await countJoined(imp), 0, 'two rows claim the user');
});

let runs = 0;

async function load(organizationId: number, dataset: string, ...rows: string[]): Promise<void> {
  const lease = await begin(organizationId, dataset);
  await apply(lease, ...rows);
  await store.writer.finishRun(lease, { baselineId: `baseline-${runs}`, asOfMs: 0 });
}

function begin(organizationId: number, dataset: string): Promise<RunLease> {
  runs += 1;
  // Only contacts from before the run count as joined.
  store.wait(1);
  const datasetId = 11 + usualSettings.datasets.findIndex(({ name }) => name === dataset);
  const rules = makeIdentityRulesOf(usualSettings);
  return store.writer.beginRun({ runId: `run-${runs}`, organizationId, datasetId, rules });
}

async function apply(lease: RunLease, ...rows: string[]): Promise<void> {
  const section = encodeSection([[1, Buffer.from('"s"')]]);
  const changes = rows.map((row) => {
    return { kind: 'replace', identities: row.split(' ').map(identityOf), section } as const;
  });
  await store.writer.applyBatch(lease, changes);
}

/** What a run reports at its end. */
async function countJoined(lease: RunLease, limit = 10): Promise<number> {
  let page = await store.writer.reportRun(lease, null, limit);
  while (page.next !== null) page = await store.writer.reportRun(lease, page.next, limit);
  return page.joined;
}

function identityOf(text: string): KnownIdentity {
  const [type = '', value = ''] = text.split(':');
  const digest = new Uint8Array(16);
  digest.set(Buffer.from(value));
  return { typeId: typeIdOf(type), digest, value };
}
