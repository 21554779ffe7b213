/** When an incremental dataset reads rows again that it rejected: once they may be valid. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Administration } from '../../src/administration/administration.ts';
import { createFlow, editFlow, removeFlow } from '../../src/administration/flow/flows.ts';
import { updateOrganization } from '../../src/administration/organizations.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
import type { DatasetDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import { approved } from '../administration/approved.ts';
import { erasePeople, liftPerson } from '../administration/erase-people.ts';
import { organizationId, SyncPlace } from './sync-place.ts';

const incremental = { mode: 'incremental', updatedAt: 'updated', maxChangeShare: 1 } as const;

/** A feed of flows with an older row of flow 7, which Usher computes, and a newer one of flow 8. */
async function startFeed(context: TestContext): Promise<SyncPlace> {
  const place = new SyncPlace(context);
  const columns = ['flow_id', 'timestamp'].map((column) => ({ column, field: column }));
  const feed: Partial<DatasetDefinition> = { kind: 'membership', feed: 'flow', columns };
  const write = await place.defineCsv('flows', {}, { ...feed, ...incremental });
  await place.administrate(async (administration) => {
    await createSegment(administration, organizationId, { name: 'All', rule: 'true' });
    const flow = { id: 7, name: 'Spring', segment: 'All', status: 'live' } as const;
    await createFlow(administration, organizationId, flow);
  });
  write(
    'email,flow_id,timestamp,updated\n' +
      'eva@example.org,7,2026-10-01,2026-10-01T00:00:00Z\n' +
      'tom@example.org,8,2026-10-02,2026-10-02T00:00:00Z\n',
  );
  const first = await place.sync('flows');
  assert.deepEqual([first.rowsRead, first.counts], [2, { flow_computed: 1 }]);
  const rest = await place.sync('flows');
  assert.deepEqual([rest.rowsRead, rest.rejected], [1, 0]);
  return place;
}

const endings = {
  'is reported again': (by: Administration) =>
    editFlow(by, organizationId, { reference: '7', kind: 'reported' }),
  'is removed': (by: Administration) => removeFlow(by, organizationId, { reference: '7' }),
};

for (const [ending, end] of Object.entries(endings)) {
  test(`rows of a computed flow are tried again by an incremental feed once it ${ending}`, async (context) => {
    const place = await startFeed(context);
    await place.administrate((administration) =>
      approved(administration, async (by) => void (await end(by))),
    );
    const again = await place.sync('flows');
    assert.deepEqual([again.rowsRead, again.rejected], [2, 0]);
    assert.deepEqual(await place.memberships('eva@example.org'), ['7']);
    assert.equal((await place.sync('flows')).rowsRead, 1);
  });
}

test('another edit of a computed flow makes no feed read all rows', async (context) => {
  const place = await startFeed(context);
  await place.administrate((administration) =>
    editFlow(administration, organizationId, { reference: '7', name: 'Summer' }),
  );
  assert.equal((await place.sync('flows')).rowsRead, 1);
});

test('amounts in the new currency of the organization are tried again', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('orders', { amt: 'currency' }, incremental);
  write(
    'email,amt,updated\neva@example.org,5 €,2026-10-01T00:00:00Z\ntom@example.org,2,2026-10-02T00:00:00Z\n',
  );
  assert.deepEqual((await place.sync('orders')).counts, { currency_mismatch: 1 });
  assert.equal((await place.sync('orders')).rowsRead, 1);
  await place.administrate((administration) =>
    updateOrganization(administration, organizationId, { settings: { currency: 'EUR' } }),
  );
  const again = await place.sync('orders');
  assert.deepEqual([again.rowsRead, again.rejected], [2, 0]);
  assert.equal((await place.find('email:eva@example.org'))?.['amt'], 5);
});

test('a person whose suppression was lifted comes back with the next run', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('crm', { name: 'string' }, incremental);
  write(
    'email,name,updated\neva@example.org,Eva,2026-10-01T00:00:00Z\ntom@example.org,Tom,2026-10-02T00:00:00Z\n',
  );
  await place.sync('crm');
  await erasePeople(place.dataFolder, ['email:eva@example.org']);
  await place.sync('crm');
  assert.equal(await liftPerson(place.dataFolder, 'email:eva@example.org'), true);
  assert.equal((await place.sync('crm')).rowsRead, 2);
  assert.equal((await place.find('email:eva@example.org'))?.['name'], 'Eva');
  assert.equal((await place.sync('crm')).rowsRead, 1);
});
