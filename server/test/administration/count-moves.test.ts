/** The sample that shows how many contacts a change moves: within its margin, and repeatable. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countMoves } from '../../src/administration/approval/count-moves.ts';
import { readRuleSource } from '../../src/administration/approval/deciding-definitions.ts';
import { drawnWindows } from '../../src/administration/contact/draw-contacts.ts';
import { seededRandom } from '../../src/administration/contact/seeded-random.ts';
import { createFlow } from '../../src/administration/flow/flows.ts';
import { drawWindows } from '../../src/administration/limits.ts';
import { createSegment } from '../../src/administration/rule/segments.ts';
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
        before,
        after,
        flows,
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
