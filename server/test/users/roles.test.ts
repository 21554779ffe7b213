/** The table of roles, and the permissions of the operations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operations } from '@usher/contract/operations';
import { type PermissionName, permissionNames, roleNames, roles } from '@usher/contract/roles';

test('every operation of administration names its permission, and no other operation has one', () => {
  const isAdministration = (path: string) => path.startsWith('/admin/v1/');
  const wrong = operations.filter(
    ({ path, permission }) => isAdministration(path) !== (permission !== undefined),
  );
  assert.deepEqual(
    wrong.map(({ id }) => id),
    [],
  );
});

test('an operation that reads needs no permission to write, and one that writes needs one', () => {
  const changes = (permission = '') => /:(?:write|approve)$/.test(permission);
  const wrong = operations.filter(
    ({ method, access, permission }) =>
      (method === 'GET' && changes(permission)) ||
      (access === 'admin:write' && !changes(permission)),
  );
  assert.deepEqual(
    wrong.map(({ id }) => id),
    [],
  );
});

test('an administrator may do everything, and no role has a permission twice', () => {
  assert.deepEqual(roles.admin, permissionNames);
  for (const role of roleNames) assert.equal(new Set(roles[role]).size, roles[role].length, role);
});

test('only administrators manage users, tokens, settings and erasures', () => {
  const own = [
    ...['users:write', 'tokens:write', 'settings:write', 'privacy:write'],
    'sensitivity:lower',
  ] as const satisfies readonly PermissionName[];
  for (const role of roleNames.filter((name) => name !== 'admin')) {
    assert.ok(!own.some((name) => roles[role].includes(name)), role);
  }
});

test('what gives or takes access, or a whole person, needs a confirmation of a user', () => {
  const persons = ['createPrivacyRequest', 'exportContact'];
  const isAccess = (permission = '') => /^(?:users|tokens):write$/.test(permission);
  const wrong = operations.filter(
    ({ id, permission, needsConfirmation }) =>
      (isAccess(permission) || persons.includes(id)) && needsConfirmation !== true,
  );
  assert.deepEqual(
    wrong.map(({ id }) => id),
    [],
  );
});
