/** Salts, slots and texts of flows: what is usual, and what is refused. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportCatalog } from '../../src/administration/document/apply-catalog.ts';
import { updateField } from '../../src/administration/fields.ts';
import {
  putExclusionGroup,
  removeExclusionGroup,
} from '../../src/administration/flow/exclusion-groups.ts';
import { createFlow, editFlow } from '../../src/administration/flow/flows.ts';
import { createSegment, editSegment } from '../../src/administration/rule/segments.ts';
import { type CatalogForTest, isProblem } from './in-catalog.ts';
import { inRules } from './in-rules.ts';

const halves = [
  { name: 'A', weight: 50 },
  { name: 'B', weight: 50 },
];
const spring = { name: 'Spring', segment: 'Buyers', status: 'live', variants: halves };

async function withSegment(): Promise<CatalogForTest> {
  const catalog = await inRules();
  await createSegment(catalog.operator, 1, { name: 'Buyers', rule: 'visits > 1' });
  return catalog;
}

test('a group has a usual salt, whatever signs its name has', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  await createFlow(operator, 1, spring);
  const flows = [{ flow: 'Spring', share: 40 }];
  for (const [name, salt] of [
    ['Spring mails', 'group-44993a49c813a877'],
    ['Grüße/2026', 'group-752db14fff15010e'],
  ] as const) {
    const made = await putExclusionGroup(operator, 1, { name, flows });
    assert.equal(made.salt, salt);
    const { exclusion_groups: groups } = await exportCatalog(operator, 1);
    assert.deepEqual(groups, { [name]: { flows: made.flows } });
    await removeExclusionGroup(operator, 1, { reference: name });
  }
});

test('slots that are held out are refused without slots of the variants', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  const refused = isProblem('definition_invalid', /held_out: .*Give the slots of every variant/);
  for (const holdout of [0, 20]) {
    const flow = { ...spring, holdout, heldOut: '0-999' };
    await assert.rejects(createFlow(operator, 1, flow), refused);
  }
  const bare = { name: 'Bare', segment: 'Buyers', heldOut: '0-999' };
  const words = /Only a flow with variants or branches holds out slots/;
  await assert.rejects(createFlow(operator, 1, bare), isProblem('definition_invalid', words));
  const made = await createFlow(operator, 1, { ...spring, holdout: 20 });
  const { variants, held_out: heldOut } = made;
  const same = await editFlow(operator, 1, { reference: 'Spring', variants, heldOut });
  assert.deepEqual(same, made);
});

test('names and descriptions have no hidden characters and no odd spaces', async () => {
  await using catalog = await withSegment();
  const { operator } = catalog;
  for (const sign of ['\u00a0', '\u2003', '\u3000', '\u202e', '\u009b', '\ufeff']) {
    const flow = createFlow(operator, 1, { name: `a${sign}b` });
    await assert.rejects(flow, isProblem('definition_invalid', /other spaces than the usual one/));
  }
  for (const [sign, words] of [
    ['\u001b', /U\+001B \(escape\)/],
    ['\u009b', /U\+009B \(a control character\)/],
    ['\u202e', /U\+202E \(a sign that changes the direction of text\)/],
  ] as const) {
    const description = `see${sign}[1m`;
    const edits = [
      editSegment(operator, 1, { reference: 'Buyers', description }),
      updateField(operator, 1, { name: 'city', settings: { description } }),
    ];
    for (const edit of edits) await assert.rejects(edit, isProblem('definition_invalid', words));
  }
  await editSegment(operator, 1, { reference: 'Buyers', description: 'two\n\tlines' });
  const emoji = '\u{1f600}'.repeat(100);
  assert.equal((await createFlow(operator, 1, { name: emoji })).name, emoji);
  await assert.rejects(
    createFlow(operator, 1, { name: `${emoji}a` }),
    isProblem('definition_invalid'),
  );
});
