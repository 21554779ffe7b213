/** What a role needs to open each page: one table for the routes and for the sidebar. */
import type { PermissionName } from '@usher/contract/roles';

/** By the path of the route. `undefined`: everybody who is signed in. */
export const pagePermissions = {
  '/': undefined,
  '/contacts': 'contacts:read',
  '/contacts/$id': 'contacts:read',
  '/datasets': 'datasets:read',
  '/datasets/$name': 'datasets:read',
  '/new-dataset': 'datasets:write',
  '/fields': 'fields:read',
  '/access': 'access:read',
  '/audit': 'audit:read',
  '/users': 'users:read',
  '/account': undefined,
} as const satisfies Readonly<Record<string, PermissionName | undefined>>;
