/** The estimate of a preview, over many draws from a real store. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawMembers } from '../../src/administration/rule/preview-walk.ts';
import { estimateMembers } from '../../src/domain/membership/wilson-interval.ts';
import { CompiledDefinitions } from '../../src/membership/compiled-definitions.ts';
import { ContactValues } from '../../src/membership/contact-values.ts';
import { RecordEvaluator } from '../../src/membership/record-evaluator.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import { makeField } from '../lookup/sample-plans.ts';
import { email, makeDataFolder, replace, userId } from '../stores/sample-changes.ts';

const total = 8_000;
const draws = 200;

test('the interval holds in at least 19 of 20 draws, however many contacts are members', async (t) => {
  const folder = makeDataFolder(t);
  const writer = await openWriter(folder);
  t.after(() => writer.close());
  const lease = await writer.beginRun({ runId: 'run', organizationId: 1, datasetId: 1 });
  for (let from = 0; from < total; from += 1_000) {
    // Some contacts have two identities, and those of one kind of member have them more often.
    const changes = Array.from({ length: 1_000 }, (_, place) => {
      const n = from + place;
      const others = n % 100 < 40 || n % 3 === 0 ? [userId(`${n}`)] : [];
      return replace([email(`p${n}@x.com`), ...others], { 1: n % 100 });
    });
    await writer.applyBatch(lease, changes);
  }
  const reader = await openReader(folder);
  t.after(() => reader.close());
  const field = { ...makeField(1, 1, 'integer'), name: 'n', condition: true };
  const moment = { nowMs: 0, withholding: [] };
  for (const share of [1, 40, 97]) {
    const rules = [[{ kind: 'field', id: 1 } as const, ` < ${share}`]];
    const source = { fields: [field], segments: new Map(), lists: new Map(), timeZone: 'Z' };
    const compiled = new CompiledDefinitions({ ...source, rules });
    assert.deepEqual(compiled.faults, []);
    const [rule] = compiled.rules;
    assert.ok(rule !== undefined);
    const evaluator = new RecordEvaluator(compiled, compiled.reach({ rules: [0] }), moment);
    const { signal: stop } = new AbortController();
    const walk = { reader, organizationId: 1, rule, evaluator, total, stop };
    const values = new ContactValues(compiled, [], moment);
    const options = { typeIds: [1, 2], values, sampleSize: 0 };
    let held = 0;
    const drawnCounts: number[] = [];
    for (let draw = 0; draw < draws; draw += 1) {
      const { counts } = await drawMembers(walk, { ...options, seed: 1_000 * share + draw });
      const { low, high } = estimateMembers({ ...counts, total });
      const members = (total / 100) * share;
      if (low <= members && members <= high) held += 1;
      drawnCounts.push(counts.contacts);
    }
    assert.ok(held >= draws * 0.95, `${held} of ${draws} held for ${share} %`);
    assert.ok(Math.min(...drawnCounts) > 1_700 && Math.max(...drawnCounts) < 2_300);
  }
});

test('the interval is wide for few contacts and exact if all were drawn', () => {
  assert.deepEqual(estimateMembers({ contacts: 0, members: 0, total: 10 }), {
    members: 0,
    low: 0,
    high: 10,
  });
  assert.deepEqual(estimateMembers({ contacts: 10, members: 3, total: 10 }), {
    members: 3,
    low: 3,
    high: 3,
  });
  const none = estimateMembers({ contacts: 2_000, members: 0, total: 1_000_000 });
  assert.deepEqual([none.members, none.low, none.high], [0, 0, 1_918]);
});
