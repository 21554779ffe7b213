/** The result of the shape check for large bodies, and how much of them it reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createToken, updateOrganization } from '@usher/contract/administration-operations';
import { createComputedField } from '@usher/contract/definition-operations';
import { createFlow } from '@usher/contract/flow-operations';
import { pushContacts } from '@usher/contract/ingest-operations';
import { operations } from '@usher/contract/operations';
import { patternWords } from '@usher/contract/pattern-words';
import { shapeFaults } from '../../src/http/call/check-shape.ts';

/** Counts how often a member of the object or list is read. */
function counted<T extends object>(target: T): { readonly value: T; reads(): number } {
  let reads = 0;
  const value = new Proxy(target, {
    get: (from, name) => {
      reads += 1;
      return Reflect.get(from, name);
    },
  });
  return { value, reads: () => reads };
}

function members(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`m${at}`, at]));
}

test('too many members or items are refused before each is examined', () => {
  const unknown = counted(members(50_000));
  const faults = shapeFaults(updateOrganization.body, unknown.value);
  assert.equal(faults.length, 20);
  assert.deepEqual(faults[0], {
    ...{ path: '/m0', detail: 'This member is unknown.', kind: 'unknown' },
  });
  const row = counted(members(50_000));
  assert.deepEqual(shapeFaults(pushContacts.body, { dataset: 'web', rows: [{}, row.value] }), [
    { path: '/rows/1', detail: 'It must not have more than 10000 properties.', kind: 'other' },
  ]);
  const fields = counted(Array.from({ length: 50_000 }, () => 'a'));
  assert.deepEqual(shapeFaults(createToken.body, { created_by: 'a@b.c', fields: fields.value }), [
    { path: '/fields', detail: 'It must not have more than 200 items.', kind: 'other' },
  ]);
  for (const { reads } of [unknown, row, fields]) assert.ok(reads() < 100, `${reads()} reads`);
});

test('a valid list is not searched again because another member is invalid', () => {
  const rows = Array.from({ length: 200 }, () => counted(members(50)));
  const body = { dataset: 'NO', rows: rows.map(({ value }) => value) };
  const [fault, ...others] = shapeFaults(pushContacts.body, body);
  assert.deepEqual([fault?.path, others], ['/dataset', []]);
  const reads = rows.reduce((sum, row) => sum + row.reads(), 0);
  assert.ok(reads < 10_000, `${reads} reads of 10,000 members`);
});

test('a text of another form is answered with the form that is allowed', () => {
  const faultsOf = (name: string) =>
    shapeFaults(createComputedField.body, { name, rule: 'true' }).map(({ detail }) => detail);
  const form = 'It must have 1 to 64 characters of a-z, 0-9 and _, and begin with a letter.';
  for (const name of ['', 'A', '1a', 'a-b', ' a', '__proto__', 'a\u202eb']) {
    assert.deepEqual(faultsOf(name), [form], name);
  }
  const body = { created_by: 'nobody', name: 'a\u0007' };
  assert.deepEqual(
    shapeFaults(createToken.body, body).map(({ path, detail }) => [path, detail]),
    [
      ['/created_by', 'It must be an e-mail address.'],
      ['/name', 'It must not have control characters.'],
    ],
  );
  const other = shapeFaults(createToken.body, { created_by: 'a@b.c', addresses: ['x'] });
  assert.equal(other[0]?.detail, 'It must be an IP address or a network, such as 10.0.0.0/8.');
});

test('every pattern and format of a request has words', () => {
  const patterns = new Set<string>();
  const formats = new Set<string>();
  const collect = (part: unknown): void => {
    if (typeof part !== 'object' || part === null) return;
    const { pattern, format, type } = part as Readonly<Record<string, unknown>>;
    if (typeof pattern === 'string') patterns.add(pattern);
    if (typeof format === 'string' && type === 'string') formats.add(format);
    Object.values(part).forEach(collect);
  };
  for (const { params, query, body } of operations) collect([params, query, body]);
  assert.deepEqual([...formats], ['date-time']);
  assert.ok(patterns.size > 30);
  const wordless = [...patterns].filter((pattern) => patternWords(pattern) === undefined);
  assert.deepEqual(wordless, [], 'give it words in contract/src/pattern-words.ts');
});

test('a value of another type, and one that is too large, is answered in words', () => {
  const flow = (settings: object) =>
    shapeFaults(createFlow.body, { name: 'Spring', ...settings }).map(({ detail }) => detail);
  assert.deepEqual(flow({ holdout: 'ten' }), ['It must be a number.']);
  assert.deepEqual(flow({ id: 1_000_000_000 }), ['It must be at most 999999999.']);
  assert.deepEqual(flow({ id: 0 }), ['It must be at least 1.']);
  const percent = ['Give a percentage from 0 to 100 with at most two decimals.'];
  assert.deepEqual(flow({ holdout: 101 }), percent);
  assert.deepEqual(flow({ holdout: -1 }), percent);
  assert.deepEqual(flow({ id: 1.5 }), ['It must be a whole number.']);
  assert.deepEqual(flow({ segment: 5 }), ['It must be a text.']);
});
