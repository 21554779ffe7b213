/** A field read by a token is reported once a day, whatever the number of look-ups and plans. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtInFieldId } from '../../src/domain/contact/field.ts';
import type { Token } from '../../src/domain/token/token.ts';
import { compileLookupPlan, type LookupPlan } from '../../src/lookup/lookup-plan.ts';
import { FieldReads } from '../../src/serve/field-reads.ts';
import { makeField, stateOf } from '../lookup/sample-plans.ts';

const dayMs = 86_400_000;
const fields = [1, 2, 3].map((id) => makeField(id, 1, 'string'));

function planOf(...names: readonly string[]): LookupPlan {
  const organization = stateOf(fields);
  return compileLookupPlan({ organization, allowedFields: null, fields: names, format: 'raw' });
}

function tokenOf(rowId: number): Token {
  return { rowId } as Token;
}

test('the look-ups that asked for a field are counted, and each is taken once', () => {
  const reads = new FieldReads(() => 0);
  const [one, other] = [planOf('field_1', 'field_2'), planOf('field_2')];
  const token = { rowId: 7, organizationId: 3 } as Token;
  for (const plan of [one, one, other]) reads.note(token, plan);
  const counts = () =>
    reads.takeCounts().map(({ tokenRowId, organizationId, fieldId, reads: times }) => {
      return [tokenRowId, organizationId, fieldId, times];
    });
  assert.deepEqual(counts(), [
    [7, 3, 1, 2],
    [7, 3, 2, 2],
    [7, 3, 2, 1],
  ]);
  assert.deepEqual(counts(), []);
  reads.note(token, one);
  assert.deepEqual(counts(), [
    [7, 3, 1, 1],
    [7, 3, 2, 1],
  ]);
});

test('a field that a token reads is reported once a day, whatever the plan', () => {
  let nowMs = 10 * dayMs;
  const reads = new FieldReads(() => nowMs);
  const plan = planOf('field_1', 'flow_variant_membership', 'nope');
  for (let call = 0; call < 3; call += 1) reads.note(tokenOf(7), plan);
  reads.note(tokenOf(7), planOf('field_1', 'field_2'));
  assert.deepEqual(reads.take(), [
    { tokenRowId: 7, fieldId: 1, day: 10 },
    { tokenRowId: 7, fieldId: builtInFieldId('flow_variant_membership'), day: 10 },
    { tokenRowId: 7, fieldId: 2, day: 10 },
  ]);
  reads.note(tokenOf(7), planOf('field_2'));
  reads.note(tokenOf(8), planOf('field_2'));
  assert.deepEqual(reads.take(), [{ tokenRowId: 8, fieldId: 2, day: 10 }]);

  nowMs += dayMs;
  assert.deepEqual(reads.take(), []);
  reads.note(tokenOf(7), plan);
  assert.deepEqual(
    reads.take().map(({ fieldId }) => fieldId),
    [1, builtInFieldId('flow_variant_membership')],
  );
});
