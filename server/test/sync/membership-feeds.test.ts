/** Syncs of feeds: which rows are accepted. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { updateField } from '../../src/administration/fields.ts';
import { createFlow, editFlow } from '../../src/administration/flow/flows.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
import type { DatasetDefinition } from '../../src/domain/dataset/dataset-definition.ts';
import type { Feed } from '../../src/domain/membership/membership-feed.ts';
import type { SyncReport } from '../../src/sync/run-sync.ts';
import { approved } from '../administration/approved.ts';
import { organizationId, SyncPlace } from './sync-place.ts';

const flowColumns = ['flow_id', 'timestamp', 'operation', 'segment_name'];
const journeyColumns = [
  ...['journey_id', 'journey_name', 'step', 'entered_at', 'step_entered_at', 'operation'],
];
const campaignColumns = ['campaign_id', 'received_at', 'flow_id'];

test('only the rows of a flow feed that report nothing are rejected', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('flows', {}, feed('flow', flowColumns));
  write(
    csv(flowColumns, [
      'tom,1,2026-11-01,,',
      'tom,,2026-11-01,,',
      'tom,2,2026-11-01,end,',
      'tom,,2026-11-01,,vip',
      'tom,3,2026-11-01,add,',
    ]),
  );
  const first = await place.sync('flows');
  assert.deepEqual(rejections(first), [
    '2,flow_id,value_invalid,"is empty, and the row names no segment either"',
    '3,operation,value_invalid,is neither add nor remove',
  ]);
  assert.deepEqual(await place.memberships('tom@example.org'), ['1', '3']);
  assert.deepEqual(await place.memberships('tom@example.org', 'segment_membership'), ['vip']);
  // The baseline now knows the other rows, so only the bad ones are tried again.
  const again = await place.sync('flows');
  assert.deepEqual([again.unchanged, again.changed, again.rejected], [3, 0, 2]);
  const trial = await place.try('flows');
  assert.equal(trial.rejected, 2);
});

test('reports of a flow that Usher computes are rejected, and count again when feeds report it', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('flows', {}, feed('flow', flowColumns));
  const writeSent = await place.defineCsv('sent', {}, feed('campaign', campaignColumns));
  const header = 'email,city\n';
  const writePeople = await place.defineCsv('crm', { city: 'string' });
  writePeople(`${header}tom@example.org,Ulm\neva@example.org,Bonn\n`);
  await place.sync('crm');
  // So many that most rows of the next file are known, and are not read again.
  const earlier = [7, 8, 21, 22, 23].map((id) => `tom,${id},2026-11-01,,`);
  write(csv(flowColumns, earlier));
  await place.sync('flows');
  await place.administrate(async (administration) => {
    await updateField(administration, organizationId, {
      name: 'city',
      settings: { condition: true },
    });
    await createSegment(administration, organizationId, { name: 'Ulm', rule: 'city == "Ulm"' });
    const flow = { id: 7, name: 'Spring', segment: 'Ulm', status: 'live' } as const;
    await createFlow(administration, organizationId, flow);
  });
  // The earlier report is kept. Rows are judged alone: those of other flows are applied.
  write(
    csv(flowColumns, [
      ...earlier,
      ...['eva,7,2026-11-02,,', 'tom,7,2026-11-02,remove,vip', 'eva,9,2026-11-02,,', 'eva,,,,vip'],
    ]),
  );
  const computed = await place.sync('flows');
  assert.deepEqual(computed.counts, { flow_computed: 2 });
  const reason = 'flow_computed,is a flow of the kind stream: Usher computes its members';
  assert.deepEqual(rejections(computed), [`6,flow_id,${reason}`, `7,flow_id,${reason}`]);
  assert.deepEqual(await place.memberships('tom@example.org'), ['7', '8', '21', '22', '23']);
  assert.deepEqual(await place.memberships('eva@example.org'), ['9']);
  // A campaign that belongs to the flow is still something that happened.
  writeSent(csv(campaignColumns, ['tom,spring,2026-04-01,7']));
  assert.equal((await place.sync('sent')).rejected, 0);
  await place.administrate((administration) =>
    approved(administration, (approver) =>
      editFlow(approver, organizationId, { reference: '7', kind: 'reported' }),
    ),
  );
  const reported = await place.sync('flows');
  assert.deepEqual([reported.rejected, reported.unchanged], [0, 7]);
  assert.deepEqual(await place.memberships('eva@example.org'), ['7', '9']);
  assert.deepEqual(await place.memberships('tom@example.org'), ['8', '21', '22', '23']);
});

test('a row of a campaign feed needs a campaign and a time, and never reports a flow', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('sent', {}, feed('campaign', campaignColumns));
  write(
    csv(campaignColumns, [
      'tom,spring,2026-04-01,7',
      'tom,,2026-04-02,7',
      'tom,autumn,,7',
      'tom,winter,2026-12-01,',
    ]),
  );
  assert.deepEqual(rejections(await place.sync('sent')), [
    '2,campaign_id,value_invalid,"is empty, so that the row names no campaign"',
    '3,received_at,value_invalid,"is empty, so that the row does not say when the campaign was received"',
  ]);
  assert.deepEqual(await place.memberships('tom@example.org'), []);
  const received = await place.memberships('tom@example.org', 'campaigns_received');
  assert.deepEqual(
    received.map((one) => (one as { campaign_id: string }).campaign_id),
    ['winter', 'spring'],
  );
});

const journeysOf = (place: SyncPlace, who: string) =>
  place.memberships(`${who}@example.org`, 'journey_membership');

test('a journey feed records the step that each contact came to last, until it leaves', async (context) => {
  const place = new SyncPlace(context);
  const write = await place.defineCsv('journeys', {}, feed('journey', journeyColumns));
  const rows = [
    'tom,77,Second purchase,mail,2026-11-01,2026-11-01T08:00:00Z,',
    'tom,77,Second purchase,call,2026-11-01,2026-11-03T08:00:00Z,',
    'tom,5,,,2026-10-01,,add',
    'eva,77,Second purchase,,,,',
    'eva,,No id,,2026-11-01,,',
    'eva,78,,,2026-11-01,,leave',
  ];
  write(csv(journeyColumns, rows));
  assert.deepEqual(rejections(await place.sync('journeys')), [
    '5,journey_id,value_invalid,"is empty, so that the row names no journey"',
    '6,operation,value_invalid,is neither add nor remove',
  ]);
  const five = { journey_id: 5, journey_name: null, step: null, step_entered_at: null };
  const second = { journey_id: 77, journey_name: 'Second purchase' };
  const call = { step: 'call', entered_at: '2026-11-01', step_entered_at: '2026-11-03T08:00:00Z' };
  const tom = [
    { ...five, entered_at: '2026-10-01' },
    { ...second, ...call },
  ];
  assert.deepEqual(await journeysOf(place, 'tom'), tom);
  const undated = [{ ...second, step: null, entered_at: null, step_entered_at: null }];
  assert.deepEqual(await journeysOf(place, 'eva'), undated);
  const again = await place.sync('journeys', { isFull: true });
  assert.deepEqual([again.changed, again.added], [0, 0]);
  write(
    csv(journeyColumns, [
      ...rows.slice(0, 4),
      'tom,77,,,2026-11-01,2026-11-04,remove',
      'eva,77,,,2026-11-01,,remove',
    ]),
  );
  await place.sync('journeys');
  assert.deepEqual(await journeysOf(place, 'tom'), tom.slice(0, 1));
  assert.deepEqual(await journeysOf(place, 'eva'), []);
  await place.rollBack('journeys');
  assert.deepEqual(await journeysOf(place, 'tom'), tom);
  assert.deepEqual(await journeysOf(place, 'eva'), undated);
});

test('rows that give no time change nothing until they say something else', async (context) => {
  const place = new SyncPlace(context);
  const columns = ['journey_id', 'step'];
  const write = await place.defineCsv('journeys', {}, feed('journey', columns));
  const steps = async () =>
    (await journeysOf(place, 'tom')).map((it) => (it as { step: string }).step);
  write(csv(columns, ['tom,1,a']));
  await place.sync('journeys');
  const again = await place.sync('journeys', { isFull: true });
  assert.deepEqual([again.changed, again.unchanged], [0, 1]);
  write(csv(columns, ['tom,1,b']));
  await place.sync('journeys');
  assert.deepEqual(await steps(), ['b']);
});

test('only the rows that the store refuses are rejected', async (context) => {
  const place = new SyncPlace(context);
  const texts = ['flow_name', 'variant', 'segment_name', 'action', 'experiment_id'];
  const columns = ['flow_id', ...texts];
  const write = await place.defineCsv('flows', {}, feed('flow', columns));
  // Each of these reports takes 3.8 kB, and the reports of a contact at most 1 MB.
  const long = texts.map(() => '€'.repeat(254)).join(',');
  const few = ['eva,1,,,,,', 'tom,1,,,,,'];
  const many = Array.from({ length: 190 }, (_, at) => `tom,${at + 2},${long}`);
  write(csv(columns, [...few, ...many, 'eva,2,,,,,']));
  const first = await place.sync('flows');
  const refused = first.counts.value_invalid ?? 0;
  assert.ok(refused > 0 && refused < 50, `${refused} rows were refused`);
  assert.equal(first.rejected, refused);
  const last = few.length + many.length;
  assert.deepEqual(
    rejections(first).map((line) => Number(line.split(',')[0])),
    Array.from({ length: refused }, (_, at) => last - refused + at + 1),
  );
  const flows = await place.memberships('tom@example.org');
  assert.equal(flows.length, 1 + many.length - refused);
  assert.deepEqual(await place.memberships('eva@example.org'), ['1', '2']);
  const second = await place.sync('flows');
  assert.deepEqual(
    [second.unchanged, second.changed, second.rejected],
    [last + 1 - refused, 0, refused],
  );
});

function feed(kind: Feed, columns: readonly string[]): Partial<DatasetDefinition> {
  return {
    ...{ kind: 'membership', feed: kind, mode: 'append' },
    columns: columns.map((column) => ({ column, field: column })),
  };
}

function csv(columns: readonly string[], rows: readonly string[]): string {
  const lines = rows.map((row) => row.replace(',', '@example.org,'));
  return `${[`email,${columns.join(',')}`, ...lines].join('\n')}\n`;
}

/** The lines of the run's rejections file. */
function rejections({ rejectionsPath }: SyncReport): string[] {
  assert.ok(rejectionsPath !== null);
  return readFileSync(rejectionsPath, 'utf8').split('\n').slice(1, -1);
}
