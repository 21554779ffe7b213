/**
 * A file of orders that is imported as contacts: the import says so, and prints a query that sums
 * up the orders.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runCommand } from '../launch/run-command.ts';
import { makeDataFolder } from '../launch/run-usher.ts';

/** 60 orders of 7 contacts. Contact 1 has those with the numbers 1, 8, 15, ... 57. */
const orders = Array.from(
  { length: 60 },
  (_, at) => `${1_000 + at},P${at % 7}@x.org,"€1.${100 + at},50",${(at % 28) + 1}.12.2024`,
);

test('a file of orders is recognised, and the printed query sums it up', async (context) => {
  const data = makeDataFolder(context);
  const path = join(data, '..', 'orders.csv');
  writeFileSync(path, `order_id,email,order total,placed at\n${orders.join('\n')}\n`);
  const stopped = await runCommand(data, ['import', path]);
  assert.equal(stopped.code !== 0, true);
  assert.match(stopped.stderr, /belong to a contact of a later row \(53 of 60\)/);
  assert.match(stopped.stderr, /looks like a file of orders or events/);
  const printed = /^version: 1$[\s\S]*?^$/m.exec(stopped.stderr)?.[0] ?? '';
  const catalog = join(data, '..', 'summed.yaml');
  writeFileSync(catalog, printed);
  const applied = await runCommand(data, ['apply', '-f', catalog]);
  assert.equal(applied.code, 0, applied.stderr);
  await runCommand(data, ['sync', 'run', 'orders_by_contact']);
  const found = await runCommand(data, ['get', 'email:p1@x.org', '--format', 'raw']);
  const { contact } = JSON.parse(found.stdout) as { contact: Record<string, unknown> };
  assert.equal(contact['orders_count'], 9);
  assert.equal(contact['order_total_sum'], 10_165.5);
  assert.equal(contact['placed_at_last'], '2024-12-23');
  assert.equal('order_id_sum' in contact, false);
});

test('the printed query sums amounts with their signs and without currency marks', async (context) => {
  const data = makeDataFolder(context);
  const path = join(data, '..', 'refunds.csv');
  const amounts = ['Fr. 5', 'CHF (7.50)', '12.50- CHF', "CHF 1'234.125", 'CHF -0.25', 'CHF 3.-'];
  const rows = Array.from({ length: 12 }, (_, at) => `p@x.org,${amounts[at % amounts.length]}`);
  writeFileSync(path, `email,paid\n${rows.join('\n')}\n`);
  const stopped = await runCommand(data, ['import', path]);
  const printed = /^version: 1$[\s\S]*?^$/m.exec(stopped.stderr)?.[0] ?? '';
  const catalog = join(data, '..', 'summed.yaml');
  writeFileSync(catalog, printed);
  const applied = await runCommand(data, ['apply', '-f', catalog]);
  assert.equal(applied.code, 0, applied.stderr);
  await runCommand(data, ['sync', 'run', 'refunds_by_contact']);
  const found = await runCommand(data, ['get', 'email:p@x.org', '--format', 'raw']);
  const { contact } = JSON.parse(found.stdout) as { contact: Record<string, unknown> };
  assert.equal(contact['paid_sum'], 2 * (5 - 7.5 - 12.5 + 1_234.125 - 0.25 + 3));
});

test('a file with a few repeated contacts is not a file of orders', async (context) => {
  const data = makeDataFolder(context);
  const path = join(data, '..', 'people.csv');
  const rows = Array.from({ length: 8 }, (_, at) => `p${at}@x.org,${at}`);
  writeFileSync(path, `email,age\n${[...rows, ...rows.slice(0, 3)].join('\n')}\n`);
  const { stdout, stderr } = await runCommand(data, ['import', path]);
  assert.match(stdout, /identity_repeated: 3/);
  assert.doesNotMatch(stdout + stderr, /looks like a file of orders/);
});
