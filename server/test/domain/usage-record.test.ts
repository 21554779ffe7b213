/** What is kept of clients and fields when hours are added up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addRecords, type UsageRecord } from '../../src/domain/usage-record.ts';
import { noUsage } from '../../src/domain/usage-sums.ts';

const recordOf = (more: Partial<UsageRecord>): UsageRecord => {
  return { sums: noUsage, clients: [], fields: [], ...more };
};

test('a client is an address with a user agent, and the most frequent ones are kept', () => {
  const clientsOf = (count: number, calls: number) =>
    Array.from({ length: count }, (_, place) => {
      return { address: `192.0.2.${place}`, userAgent: 'a', calls: calls + place };
    });
  const one = recordOf({ clients: clientsOf(25, 1) });
  const other = recordOf({
    clients: [...clientsOf(40, 100), { address: '192.0.2.39', userAgent: 'b', calls: 500 }],
  });
  const { clients } = addRecords(one, other);
  assert.equal(clients.length, 30);
  assert.deepEqual(clients[0], { address: '192.0.2.39', userAgent: 'b', calls: 500 });
  assert.deepEqual(clients[1], { address: '192.0.2.24', userAgent: 'a', calls: 149 });
  const calls = clients.map((client) => client.calls);
  assert.deepEqual(
    calls,
    calls.toSorted((a, b) => b - a),
  );
});

test('reads of a field add up, and the fields that are read most are kept', () => {
  const fields = Array.from({ length: 60 }, (_, place) => ({ fieldId: place, reads: place + 1 }));
  const added = addRecords(recordOf({ fields }), recordOf({ fields: fields.slice(0, 1) })).fields;
  assert.equal(added.length, 50);
  assert.deepEqual(added[0], { fieldId: 59, reads: 60 });
  const few = addRecords(recordOf({ fields: fields.slice(0, 2) }), recordOf({ fields })).fields;
  assert.deepEqual(few.find(({ fieldId }) => fieldId === 1)?.reads, undefined);
});
