/** Roles and the scopes of tokens: what a role is worth in scopes. */
import { type PermissionName, type RoleName, roleNames, roles } from '@usher/contract/roles';
import { type Scope, scopes } from '../token/token.ts';

/** What a permission is worth, beyond `admin:read` and `admin:write`. */
const worth: Partial<Record<PermissionName, readonly Scope[]>> = {
  'contacts:read': ['contacts:read'],
  'contacts:list': ['contacts:read'],
  'contacts:write': ['contacts:read', 'contacts:write'],
  'contacts:reveal': ['contacts:read'],
  'privacy:write': ['privacy:write'],
  'privacy:read': ['privacy:write'],
  approve: ['admin:approve'],
  'tokens:write': ['contacts:write', 'events:write'],
};

/**
 * The scopes that a role is worth: a token needs them all to give somebody the role, and a user of
 * the role can give them all to a token.
 */
export function scopesOfRole(role: RoleName): readonly Scope[] {
  const worths = roles[role].flatMap((permission) => [
    permission.endsWith(':write') ? 'admin:write' : 'admin:read',
    ...(worth[permission] ?? []),
  ]);
  return scopes.filter((scope) => worths.includes(scope));
}

/** The names of all roles, for messages. */
export const roleWords = roleNames.join(', ');

export function roleNamed(name: unknown): RoleName | undefined {
  return roleNames.find((known) => known === name);
}

export function allows(role: RoleName, permission: PermissionName): boolean {
  return roles[role].includes(permission);
}
