/**
 * The roles of users and what each may do: one table for the server and the console. Each operation
 * of administration names the permission that it needs (`permission` in `operation.ts`).
 */

export const roleNames = [
  'admin',
  'engineer',
  'marketer',
  'analyst',
  'support',
  'auditor',
] as const;

export type RoleName = (typeof roleNames)[number];

export const permissionNames = [
  /** Find one contact, and see why it is what it is. */
  'contacts:read',
  /** List and export many contacts. */
  'contacts:list',
  /** Merge, split and take back. */
  'contacts:write',
  /** See values of personal fields without revealing them. */
  'contacts:personal',
  /** Reveal a masked value of one contact, for a reason. */
  'contacts:reveal',
  /** Reveal values of sensitive fields, too. */
  'contacts:sensitive',
  'datasets:read',
  'datasets:write',
  /** Approve, reject and roll back runs. */
  'runs:approve',
  'fields:read',
  'fields:write',
  /** Lower the sensitivity of a field, so that more people see its values. */
  'sensitivity:lower',
  /** Segments, computed fields, flows, exclusion groups and the holdout. */
  'definitions:read',
  'definitions:write',
  /** Approve changes that move many members of flows. */
  'approve',
  'tokens:read',
  'tokens:write',
  'privacy:read',
  'privacy:write',
  'users:read',
  'users:write',
  /** Who looked at which contact. */
  'access:read',
  /** Who changed what. */
  'audit:read',
  'usage:read',
  'settings:read',
  'settings:write',
] as const;

export type PermissionName = (typeof permissionNames)[number];

/** What every role may see. */
const everyone = [
  'contacts:read',
  'datasets:read',
  'fields:read',
  'definitions:read',
  'usage:read',
  'settings:read',
] as const satisfies readonly PermissionName[];

export const roles: Readonly<Record<RoleName, readonly PermissionName[]>> = {
  admin: permissionNames,
  engineer: [
    ...everyone,
    'contacts:list',
    'datasets:write',
    'runs:approve',
    'fields:write',
    'definitions:write',
    'tokens:read',
  ],
  marketer: [...everyone, 'contacts:list', 'definitions:write', 'approve'],
  analyst: [...everyone, 'contacts:list'],
  support: [
    ...everyone,
    'contacts:write',
    'contacts:personal',
    'contacts:reveal',
    'contacts:sensitive',
  ],
  auditor: [...everyone, 'tokens:read', 'privacy:read', 'users:read', 'access:read', 'audit:read'],
};
