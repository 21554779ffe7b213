/** Joins are remembered and forgotten at the end of runs, whatever they wrote in between. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { encodeSection } from '../../src/stores/contact-codec.ts';
import { contactIdText } from '../../src/stores/read-record.ts';
import type { RunLease } from '../../src/stores/run-lease.ts';
import { type KnownIdentity, recordOnly } from '../../src/stores/store.ts';
import { usualSettings } from '../identities/scenario.ts';
import { StorePlace } from '../identities/store-place.ts';
import { makeIdentityRulesOf, typeIdOf } from '../identities/store-rules.ts';

const store = new StorePlace();
after(() => store.remove());

test('a join that a run parts for a moment is kept, if the run began before another ended', async () => {
  const organizationId = await store.nextOrganization();
  const begin = (dataset: string) => beginRun(organizationId, dataset);
  const first = { shop: await begin('shop'), crm: await begin('crm'), imp: await begin('imp') };
  await apply(first.shop, 'user:7 em:a');
  await apply(first.crm, 'no:1 em:a');
  await apply(first.imp, 'em:x user:7');
  for (const lease of Object.values(first)) await finish(lease);
  const crm = await begin('crm');
  await apply(crm, 'no:1');
  const imp = await begin('imp');
  await finish(crm);
  await apply(imp, 'em:y user:7');
  assert.equal(await areOne(organizationId, 'no:1', 'user:7'), false, 'two rows claim the user');
  await apply(imp, 'em:x');
  await finish(imp);
  assert.equal(await areOne(organizationId, 'no:1', 'user:7'), true);
});

let runs = 0;

function beginRun(organizationId: number, dataset: string): Promise<RunLease> {
  runs += 1;
  const datasetId = 11 + usualSettings.datasets.findIndex(({ name }) => name === dataset);
  const rules = makeIdentityRulesOf(usualSettings);
  return store.writer.beginRun({ runId: `run-${runs}`, organizationId, datasetId, rules });
}

/** Applies a row in a batch of its own. */
async function apply(lease: RunLease, row: string): Promise<void> {
  const identities = row.split(' ').map(identityOf);
  const section = encodeSection([[1, Buffer.from('"s"')]]);
  await store.writer.applyBatch(lease, [{ kind: 'replace', identities, section }]);
}

async function finish(lease: RunLease): Promise<void> {
  await store.writer.finishRun(lease, { baselineId: `baseline-${runs}`, asOfMs: 0 });
}

async function areOne(organizationId: number, one: string, other: string): Promise<boolean> {
  const idOf = (text: string) =>
    store.reader.lendContact(
      { organizationId, identity: identityOf(text), parts: recordOnly },
      ({ record }) => contactIdText(record.bytes),
    );
  return (await idOf(one)) === (await idOf(other));
}

function identityOf(text: string): KnownIdentity {
  const [type = '', value = ''] = text.split(':');
  const digest = new Uint8Array(16);
  digest.set(Buffer.from(value));
  return { typeId: typeIdOf(type), digest, value };
}
