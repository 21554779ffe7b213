/** What `usher privacy export` has of the memberships that other tools reported. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { privacyExportSchema } from '@usher/contract/privacy-schema';
import { shapeFaults } from '../../src/http/call/check-shape.ts';
import { catalog, inFolder } from './privacy-folder.ts';

const feeds = [
  '  flows:',
  '    kind: membership',
  '    feed: flow',
  '    source: { kind: file, paths: [flows.csv] }',
  '    identifiers: { email: Mail }',
  '    columns: { flow_name: Name, variant: Variant, timestamp: At, operation: Do,',
  '      segment_name: Segment, action: Action, experiment_id: Test }',
  '  campaigns:',
  '    kind: membership',
  '    feed: campaign',
  '    source: { kind: file, paths: [campaigns.csv] }',
  '    identifiers: { email: Mail }',
  '    columns: { campaign_name: Name, channel: Channel, variant: Variant, flow_id: Flow }',
  '  journeys:',
  '    kind: membership',
  '    feed: journey',
  '    source: { kind: file, paths: [journeys.csv] }',
  '    identifiers: { no: No }',
  '    columns: { journey_name: Name, step: Step, entered_at: Entered, operation: Do }',
  '',
].join('\n');

const at = '2026-01-01T00:00:00Z';
const ended = '2026-02-01T00:00:00Z';

interface Report {
  readonly kind: string;
  readonly dataset: string;
  readonly key: { readonly value: string } | null;
  readonly reported_at: string;
  readonly at: string;
  readonly ended: boolean;
  readonly columns: Readonly<Record<string, string | number>>;
}

async function inFeeds(context: TestContext) {
  const folder = await inFolder(context);
  const { file, must, run } = folder;
  const read = async (dataset: string, ...lines: readonly string[]) => {
    writeFileSync(file(`${dataset}.csv`), `${lines.join('\n')}\n`);
    const { code, stderr } = await run('sync', 'run', dataset, '--yes');
    assert.ok(code === 0 || code === 4, stderr);
  };
  const exported = async () => {
    const document = JSON.parse(await must('privacy', 'export', 'no:1'));
    assert.deepEqual(shapeFaults(privacyExportSchema, document), []);
    return document as {
      readonly reports: readonly Report[];
      readonly earlier_rows: readonly { dataset: string; reports: readonly Report[] }[];
    };
  };
  writeFileSync(file('usher.yaml'), catalog + feeds);
  await must('apply', '-f', file('usher.yaml'), '--yes');
  return { ...folder, read, exported };
}

const flowColumns = 'Mail,flow_id,Name,Variant,At,Do,Segment,Action,Test';

test('an export has every report of a membership, with all that is kept of it', async (context) => {
  const { must, read, exported } = await inFeeds(context);
  const startedMs = Date.now();
  await read(
    'flows',
    flowColumns,
    `kim@x.org,7,Sale,B,${at},add,Fans,clicked,T1`,
    `kim@x.org,8,Gone,C,${ended},remove,Lost,left,T2`,
    `kim@x.org,9,Own,D,${at},,,,`,
    `kim@x.org,,,,${at},,Buyers,bought,T3`,
    `kim@x.org,,,,${ended},remove,Sellers,,`,
    `eve@x.org,7,EveFlow,E,${at},,,,`,
  );
  await read(
    'campaigns',
    'Mail,campaign_id,received_at,Name,Channel,Variant,Flow',
    `kim@x.org,5,${at},Spring,mail,F,9`,
  );
  await read(
    'journeys',
    'No,journey_id,Name,Step,Entered,Do',
    `1,3,Welcome,hello,${at},add`,
    `1,4,Farewell,bye,${at},remove`,
  );
  await must('flow', 'create', 'Computed', '--id', '9');
  const { reports } = await exported();
  const shown = reports.map((it) => [it.dataset, it.kind, it.ended, it.columns]);
  const told = { timestamp: at, action: 'clicked', experiment_id: 'T1' };
  assert.deepEqual(shown, [
    [
      'flows',
      'flow',
      false,
      { flow_id: 7, flow_name: 'Sale', variant: 'B', segment_name: 'Fans', ...told },
    ],
    [
      ...['flows', 'flow', true],
      {
        ...{ flow_id: 8, flow_name: 'Gone', variant: 'C', segment_name: 'Lost' },
        ...{ timestamp: ended, action: 'left', experiment_id: 'T2' },
      },
    ],
    ['flows', 'flow', false, { flow_id: 9, flow_name: 'Own', variant: 'D', timestamp: at }],
    [
      ...['flows', 'segment', false],
      { segment_name: 'Buyers', timestamp: at, action: 'bought', experiment_id: 'T3' },
    ],
    ['flows', 'segment', true, { segment_name: 'Sellers', timestamp: ended }],
    [
      ...['campaigns', 'campaign', false],
      {
        ...{ campaign_id: '5', received_at: at, campaign_name: 'Spring' },
        ...{ channel: 'mail', variant: 'F', flow_id: 9 },
      },
    ],
    [
      ...['journeys', 'journey', false],
      { journey_id: 3, journey_name: 'Welcome', step: 'hello', entered_at: at },
    ],
    [
      ...['journeys', 'journey', true],
      { journey_id: 4, journey_name: 'Farewell', step: 'bye', entered_at: at },
    ],
  ]);
  for (const { reported_at } of reports) {
    assert.ok(Date.parse(reported_at) >= startedMs, reported_at);
  }
  const ofRow = (dataset: string) => reports.find((it) => it.dataset === dataset);
  assert.deepEqual(
    ['flows', 'campaigns', 'journeys'].map((dataset) => ofRow(dataset)?.key?.value),
    ['kim@x.org', 'kim@x.org', '1'],
  );
  assert.equal(ofRow('flows')?.at, at);
  // The row that ends the journey does not say when.
  assert.ok(Date.parse(reports.at(-1)?.at ?? '') >= startedMs - 1_000);
});

test('an export has what was reported before a run', async (context) => {
  const { read, exported } = await inFeeds(context);
  await read('flows', flowColumns, `kim@x.org,7,Sale,B,${at},add,Fans,clicked,T1`);
  await read('flows', flowColumns, `kim@x.org,7,Sold,C,${ended},remove,,,`);
  const { reports, earlier_rows } = await exported();
  const names = (of: readonly Report[]) => of.map(({ columns }) => columns['flow_name']);
  assert.deepEqual(names(reports), ['Sold']);
  const earlier = earlier_rows.filter(({ dataset }) => dataset === 'flows');
  assert.deepEqual(
    earlier.map((row) => names(row.reports)),
    [['Sale']],
  );
});
