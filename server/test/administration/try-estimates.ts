/** Draws estimates of a preview from a real store, and checks how often their interval holds. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { drawMembers } from '../../src/administration/rule/preview-walk.ts';
import { estimateMembers } from '../../src/domain/membership/wilson-interval.ts';
import { CompiledDefinitions } from '../../src/membership/compiled-definitions.ts';
import { ContactValues } from '../../src/membership/contact-values.ts';
import { RecordEvaluator } from '../../src/membership/record-evaluator.ts';
import { openReader, openWriter } from '../../src/stores/open-store.ts';
import { makeField } from '../lookup/sample-plans.ts';
import { email, makeDataFolder, replace, userId } from '../stores/sample-changes.ts';

const total = 8_000;

/**
 * Draws from a store, for rules of which few, some and nearly all contacts are members.
 * @param least the share of the draws whose interval must hold
 */
export async function tryEstimates(
  t: TestContext,
  { draws, least }: { readonly draws: number; readonly least: number },
): Promise<void> {
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
    assert.ok(held >= draws * least, `${held} of ${draws} held for ${share} %`);
    // On a busy machine some draws run out of their time.
    const [usual = 0] = drawnCounts.sort((one, other) => one - other).slice(draws / 2);
    assert.ok(usual > 1_700 && Math.max(...drawnCounts) < 2_300);
  }
}
