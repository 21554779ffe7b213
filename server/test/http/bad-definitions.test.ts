/** Bad definitions get a clear answer over HTTP, at the command line and in a file. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTerminalSafe } from '../../src/domain/terminal-text.ts';
import {
  type BadDefinition,
  badNameDefinitions,
  badNumbers,
  badPercents,
  badReferences,
  badRules,
  hugeRules,
  zeroPercents,
} from './bad-definitions.ts';
import { startDoors, yamlOf } from './definition-doors.ts';

/** No answer repeats more of a request than people can read. */
const maxAnswer = 4_000;

const cases: readonly (readonly [promise: string, readonly BadDefinition[]])[] = [
  ['a rule that does not parse or type-check is refused with its place', badRules],
  ['a rule of 10 MB or with a million values is refused before it is read', hugeRules],
  ['weights, shares, percentages and ids that are no such numbers are refused', badNumbers],
  ['a percentage out of its bounds gets one sentence', [...badPercents, ...zeroPercents]],
  ['a definition that clashes with others or closes a ring is refused', badReferences],
  ['a name that people cannot read or write is refused', badNameDefinitions],
];

for (const [promise, definitions] of cases) {
  test(`${promise}, and nothing changes`, async (t) => {
    const doors = await startDoors(t);
    const before = await doors.exported();
    for (const [definition, words] of definitions) {
      const what = JSON.stringify(definition).slice(0, 300);
      for (const [door, { isDone, text }] of await doors.define(definition)) {
        assert.ok(!isDone, `${door} ${what}`);
        assert.match(text, words, `${door} ${what}`);
        assert.ok(text.length < maxAnswer, `${door} answers ${text.length} characters to ${what}`);
        assert.ok(isTerminalSafe(text) && !text.includes('.ts:'), `${door} ${what}`);
      }
      assert.equal(await doors.exported(), before, what);
    }
  });
}

test('ids and names that clash are refused at every door', async (t) => {
  const { http, cli, apply, exported } = await startDoors(t);
  const before = await exported();
  const clash = /Another (segment|flow) has this id|already exists|is called|have the id|id/;
  const rule = { rule: 'true' };
  const twice = (kind: string, members: object) => {
    return apply(yamlOf({ version: 1, [kind]: { One: members, Two: members } }));
  };
  const body = (more: object) => ({ method: 'POST', body: { ...rule, ...more } });
  const answers = [
    await http({ ...body({ name: 'New', id: 1 }), path: '/segments' }),
    await http({ ...body({ name: 'Buyers' }), path: '/segments' }),
    await http({ method: 'POST', path: '/flows', body: { name: 'New', id: 142_309 } }),
    await http({ method: 'POST', path: '/flows', body: { name: 'Spring' } }),
    await http({ method: 'PATCH', path: '/segments/1', body: { name: 'VIPs' } }),
    await http({ method: 'PATCH', path: '/flows/5', body: { name: 'Spring' } }),
    await cli('segment', 'create', 'New', '--rule', 'true', '--id', '1'),
    await cli('segment', 'create', 'Buyers', '--rule', 'true'),
    await cli('segment', 'edit', 'Buyers', '--name', 'VIPs'),
    await cli('flow', 'create', 'New', '--id', '142309'),
    await cli('flow', 'edit', 'Tiers', '--name', 'Spring'),
    await twice('segments', { ...rule, id: 77 }),
    await twice('flows', { id: 77 }),
    await apply(yamlOf({ version: 1, segments: { VIPs: { id: 1 } } })),
    await apply(yamlOf({ version: 1, flows: { Tiers: { id: 142_309 } } })),
  ];
  for (const [place, { isDone, text }] of answers.entries()) {
    assert.ok(!isDone, `${place} ${text}`);
    assert.match(text, clash, `${place}`);
  }
  assert.equal(await exported(), before);
});
