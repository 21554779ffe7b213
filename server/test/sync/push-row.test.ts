/** A pushed row names its key first, and lets go the identities whose columns are empty. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IdentityType } from '../../src/domain/contact/identity-type.ts';
import { usualSettings } from '../../src/domain/contact/identity-type.ts';
import { inKeyOrder } from '../../src/domain/dataset/source-row.ts';
import type { PushMapping } from '../../src/sync/push/push-mapping.ts';
import { isPushedChange, readPushedRow } from '../../src/sync/push/push-row.ts';

const email: IdentityType = { id: 1, name: 'email', normalisation: 'email', ...usualSettings };
const user: IdentityType = { ...email, id: 2, name: 'user_id', normalisation: 'exact' };
const number: IdentityType = { ...user, id: 3, name: 'customer_no', isStable: true };

const identifiers = inKeyOrder([
  { column: 'mail', identityType: email },
  { column: 'other_mail', identityType: email },
  { column: 'user', identityType: user },
  { column: 'no', identityType: number },
]);

const mapping: PushMapping = {
  datasetId: 1,
  rowKind: 'contact',
  identifiers,
  keyOrder: identifiers.map(({ identityType }) => identityType.id),
  columns: new Map(identifiers.map(({ column }) => [column, null])),
};

function read(row: object) {
  const { read } = readPushedRow(mapping, row);
  if (!isPushedChange(read)) return read.map(({ code }) => code);
  const named = read.identities.map(({ typeId, value }) => `${typeId}:${value}`);
  return { named, cleared: read.cleared };
}

test('the stable identity comes first, then the others in the order of the definition', () => {
  const row = { mail: 'a@x.org', user: 7, no: '1' };
  assert.deepEqual(read(row), { named: ['3:1', '1:a@x.org', '2:7'], cleared: [] });
  assert.deepEqual(read({ user: 7, mail: 'a@x.org' }), {
    named: ['1:a@x.org', '2:7'],
    cleared: [],
  });
});

test('a column without a value lets the identities of its type go, unless another one has a value', () => {
  const without = (row: object) => (read({ no: '1', ...row }) as { cleared: unknown }).cleared;
  assert.deepEqual(without({}), [], 'a missing column keeps its claim');
  assert.deepEqual(without({ user: null }), [2]);
  assert.deepEqual(without({ user: ' ', mail: null }), [1, 2]);
  assert.deepEqual(without({ mail: null, other_mail: 'b@x.org' }), []);
  assert.deepEqual(without({ mail: null, other_mail: null }), [1]);
  assert.deepEqual(without({ user: 'guest' }), [], 'a blocked value says nothing');
  assert.deepEqual(read({ no: null, user: null }), ['identity_missing']);
});

test('a row of identities has no section, keeps every column of a type, and clears nothing', () => {
  const row = { other_mail: 'b@x.org', mail: 'a@x.org', no: '1', user: null };
  const { read: change } = readPushedRow({ ...mapping, rowKind: 'identity' }, row);
  assert.ok(isPushedChange(change));
  const { kind, identities, cleared, section } = change;
  const named = identities.map(({ value }) => value);
  assert.deepEqual(named, ['1', 'a@x.org', 'b@x.org']);
  assert.deepEqual([kind, cleared, section.length], ['identity', undefined, 0]);
});
