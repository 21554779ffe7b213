/** The sample that shows how many contacts a change moves: within its margin, and repeatable. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { countMoves } from '../../src/administration/approval/count-moves.ts';
import {
  affectedFlows,
  readRuleSource,
} from '../../src/administration/approval/deciding-definitions.ts';
import {
  drawContacts,
  drawnWindows,
  isWhole,
} from '../../src/administration/contact/draw-contacts.ts';
import { seededRandom } from '../../src/administration/contact/seeded-random.ts';
import { createFlow } from '../../src/administration/flow/flows.ts';
import { drawWindows } from '../../src/administration/limits.ts';
import { createSegment, editSegment } from '../../src/administration/rule/segments.ts';
import type { UsherError } from '../../src/domain/errors.ts';
import { digestSpace } from '../../src/stores/contact-walk.ts';
import { inMembers } from './in-members.ts';

test('the same seed draws the same windows, one of each part of the key space', () => {
  const parts = 64;
  const draw = (seed: number) => drawnWindows({ share: 0.25, parts }, seededRandom(seed));
  const windows = draw(7);
  assert.deepEqual(windows, draw(7));
  assert.notDeepEqual(windows, draw(8));
  const places = windows.map(({ from }) => Math.floor((from * parts) / digestSpace));
  const ascending = Array.from({ length: parts }, (_, place) => place);
  assert.notDeepEqual(places, ascending);
  assert.deepEqual(
    places.toSorted((one, other) => one - other),
    ascending,
  );
  for (const { from, to } of windows) assert.equal(to - from, digestSpace / parts / 4);
});

test('the counts of a sample are right within their margin in 19 of 20 samples', async (context) => {
  const count = 1_000;
  const { operator } = await inMembers(context, count);
  const { catalog } = operator;
  const source = () => catalog.read((view) => readRuleSource(view, { id: 1, timeZone: 'Z' }));
  await createSegment(operator, 1, { name: 'Some', rule: 'visits < 750' });
  await createFlow(operator, 1, { id: 7, name: 'Spring', segment: 'Some', status: 'live' });
  const before = await source();
  const after = {
    ...before,
    segments: new Map(
      [...before.segments].map(([id, segment]) => [
        id,
        {
          ...segment,
          rule: segment.rule.map((part) =>
            typeof part === 'string' ? part.replace('750', '300') : part,
          ),
        },
      ]),
    ),
  };
  const counted = (sample: { seed: number; share: number; windows: number }) =>
    operator.contacts(async (reader) => {
      const flows = [{ id: 7, name: 'Spring' }];
      const asked = {
        organizationId: 1,
        comparisons: [{ before, after, flows }],
        typeIds: [1],
        datasets: [],
        nowMs: 0,
        sample,
      };
      return (await countMoves(reader, asked))?.flows[0];
    });
  const whole = await counted({ seed: 1, share: 1, windows: drawWindows });
  assert.deepEqual([whole?.members, whole?.moved, whole?.left, whole?.margin], [750, 450, 450, 0]);
  const samples = 100;
  let right = 0;
  for (let seed = 0; seed < samples; seed += 1) {
    const found = await counted({ seed, share: 1 / 8, windows: drawWindows });
    assert.ok(found !== undefined && found.margin > 0);
    if (Math.abs(found.moved - 450) <= found.margin) right += 1;
  }
  assert.ok(right >= 88, `${right} of ${samples} samples were right`);
});

/** A machine on which each look at the clock takes this long. */
function slowClock(context: TestContext, step: { ms: number }): void {
  let nowMs = 0;
  context.mock.method(performance, 'now', () => {
    nowMs += step.ms;
    return nowMs;
  });
}

test('few contacts are all drawn on a slow machine, and a sample of many ends early', async (context) => {
  const count = 100;
  const { operator } = await inMembers(context, count);
  const step = { ms: 10 };
  slowClock(context, step);
  const draw = (contacts: number) =>
    operator.contacts(async (reader) => {
      let drawn = 0;
      const sample = { seed: 7, wanted: count, contacts };
      const asked = { organizationId: 1, typeIds: [1], memberships: false, sample };
      const found = await drawContacts(reader, asked, () => {
        drawn += 1;
        return drawn;
      });
      return { isWhole: isWhole(found), windows: found.windows, drawn };
    });
  assert.deepEqual(await draw(count), { isWhole: true, windows: drawWindows, drawn: count });
  const sampled = await draw(10 * count);
  assert.equal(sampled?.isWhole, false);
  assert.ok(sampled.windows > 5 && sampled.windows < 61, `${sampled.windows} windows`);
  // So slow a machine would keep a change waiting for minutes.
  step.ms = 1_000;
  const cut = await draw(count);
  assert.equal(cut?.isWhole, false);
  assert.ok(cut.windows < 61, `${cut.windows} windows`);
});

test('a change on a slow machine waits a second, says about how many move, and holds its plan', async (context) => {
  const { operator } = await inMembers(context, 1_000);
  await createSegment(operator, 1, { name: 'Some', rule: 'visits < 750' });
  await createFlow(operator, 1, { id: 7, name: 'Spring', segment: 'Some', status: 'live' });
  const step = { ms: 4 };
  slowClock(context, step);
  const edit = (plan?: string) =>
    editSegment(plan === undefined ? operator : { ...operator, plan }, 1, {
      ...{ reference: 'Some', rule: 'visits < 2' },
    });
  const start = performance.now();
  const error = await edit().then(
    () => assert.fail('it was carried out'),
    (thrown: UsherError) => thrown,
  );
  assert.ok(performance.now() - start < 1_500);
  assert.match(
    error.detail,
    /would move about [0-9,]+ contacts \([0-9,]+ to [0-9,]+\) of the flow Spring \(7\)/,
  );
  // The same contacts again, although the machine is slower now.
  step.ms = 8;
  await edit(String(error.members['plan']));
});

test('only flows that use what changed are compared', async (context) => {
  const { operator } = await inMembers(context, 0);
  const { catalog } = operator;
  const source = (timeZone = 'Z') =>
    catalog.read((view) => readRuleSource(view, { id: 1, timeZone }));
  await createSegment(operator, 1, { name: 'Some', rule: 'visits > 1' });
  await createSegment(operator, 1, { name: 'Few', rule: 'in_segment("Some") && visits > 5' });
  await createSegment(operator, 1, { name: 'Others', rule: 'visits < 1' });
  const live = { status: 'live' };
  await createFlow(operator, 1, { ...live, id: 7, name: 'Direct', segment: 'Some' });
  await createFlow(operator, 1, { ...live, id: 8, name: 'Through', segment: 'Few' });
  await createFlow(operator, 1, { ...live, id: 9, name: 'Other', segment: 'Others' });
  const before = await source();
  const affected = async (timeZone?: string) =>
    affectedFlows(before, await source(timeZone), [7, 8, 9]);
  assert.deepEqual(await affected(), []);
  assert.deepEqual(await affected('Europe/Zurich'), [7, 8, 9]);
  await editSegment(operator, 1, { reference: 'Some', rule: 'visits > 2' });
  assert.deepEqual(await affected(), [7, 8]);
  await editSegment(operator, 1, { reference: 'Others', rule: 'visits < 2' });
  assert.deepEqual(await affected(), [7, 8, 9]);
});
