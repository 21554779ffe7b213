/** A value that was parsed fits its type. A value of another type does not, if it cannot be one. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fieldTypes } from '../../src/domain/contact/field.ts';
import { parseFieldValue } from '../../src/domain/value/field-value.ts';
import { fitsType } from '../../src/domain/value/fits-type.ts';

const given = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.bigInt().map(String),
  fc
    .date({ noInvalidDate: true, min: new Date('1000-01-01'), max: new Date('3000-01-01') })
    .chain((it) => fc.constantFrom(it.toISOString(), it.toISOString().slice(0, 10))),
  fc.array(fc.string(), { maxLength: 3 }),
);

test('every value that is parsed as a type fits it', () => {
  const parsed = new Set<string>();
  const property = fc.property(fc.constantFrom(...fieldTypes), given, (type, value) => {
    const result = parseFieldValue(type, value, { timeZone: 'Z', exact: true });
    if (!('json' in result)) return;
    parsed.add(type);
    assert.ok(fitsType(type, JSON.parse(result.json)), `${type} ${result.json}`);
  });
  fc.assert(property, { numRuns: 5_000, seed: 14 });
  assert.deepEqual([...parsed].sort(), [...fieldTypes].sort());
});

test('a value of another type fits only if it could be one of the type', () => {
  const misfits = {
    boolean: ['true', 1],
    currency: ['1', true],
    float: ['1'],
    integer: [1.5, '1'],
    'positive integer': [-1, 0.5],
    'big integer': [1, '1.5', 'text'],
    rate: ['1'],
    string: [1, ['a'], 'a'.repeat(255)],
    text: [1],
    date: ['text', '2026-02-30', '4/8/1966', 1],
    set: ['a', [1]],
  };
  for (const type of fieldTypes) {
    assert.ok(fitsType(type, null));
    for (const value of misfits[type]) assert.ok(!fitsType(type, value), `${type} ${value}`);
  }
  assert.ok(fitsType('float', 5) && fitsType('date', '2026-02-28') && fitsType('text', '5'));
});
