/** From where tokens are called. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClientProof, UsageClients } from '../../src/observe/usage-clients.ts';

const proofOf = (rowId: number): ClientProof => {
  return { token: { rowId, organizationId: 1 }, client: undefined };
};

test('calls count by token, address and user agent, whatever the connection', () => {
  const clients = new UsageClients();
  const [one, other, third] = [proofOf(7), proofOf(7), proofOf(8)];
  for (const proof of [one, one, other, third]) clients.note(proof, '192.0.2.1', 'curl/8');
  clients.note(proofOf(7), '192.0.2.1', 'node');
  clients.note(proofOf(7), '192.0.2.2', 'curl/8');
  const told = clients.take().map((client) => {
    return [client.tokenRowId, client.address, client.userAgent, client.calls];
  });
  assert.deepEqual(told, [
    [7, '192.0.2.1', 'curl/8', 3],
    [8, '192.0.2.1', 'curl/8', 1],
    [7, '192.0.2.1', 'node', 1],
    [7, '192.0.2.2', 'curl/8', 1],
  ]);
});

test('a connection that goes on counts anew after its calls were taken', () => {
  const clients = new UsageClients();
  const proof = proofOf(7);
  clients.note(proof, '192.0.2.1', '');
  assert.equal(clients.take()[0]?.calls, 1);
  assert.deepEqual(clients.take(), []);
  for (let call = 0; call < 3; call += 1) clients.note(proof, '192.0.2.1', '');
  assert.equal(clients.take()[0]?.calls, 3);
});

test('a user agent is cut and has no odd characters, and many clients are bounded', () => {
  const clients = new UsageClients();
  clients.note(proofOf(1), '192.0.2.1', `a\u00e9\u0007${'x'.repeat(500)}`);
  const [taken] = clients.take();
  assert.deepEqual([taken?.userAgent.slice(0, 4), taken?.userAgent.length], ['a??x', 120]);
  for (let n = 0; n < 5_000; n += 1) clients.note(proofOf(1), `address ${n}`, 'a');
  assert.equal(clients.take().length, 2_000);
  clients.note({ token: undefined, client: undefined }, '192.0.2.1', 'a');
  assert.deepEqual(clients.take(), []);
});
