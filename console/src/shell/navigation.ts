/** The entries of the sidebar. An entry that the user's role may not open is absent. */
import {
  IconDatabase,
  IconEye,
  IconForms,
  IconHistory,
  IconLayoutDashboard,
  IconUserCircle,
  IconUserShield,
  IconUsers,
  type TablerIcon,
} from '@tabler/icons-react';
import type { PermissionName } from '@usher/contract/roles';
import type { Overview } from '../parts/use-overview.ts';

/** A path of the router, without parameters. The router checks it where it is used. */
type LinkPath = string;

export interface NavigationEntry {
  readonly to: LinkPath;
  readonly label: string;
  readonly icon: TablerIcon;
  /** `undefined`: everybody who is signed in. */
  readonly permission: PermissionName | undefined;
  /** The letter that opens it after `g`. */
  readonly key: string;
  /** How many things of the page wait for a decision. */
  readonly waiting?: (waiting: Overview['waiting']) => number;
}

export interface NavigationGroup {
  /** Empty: the group has no heading. */
  readonly label: string;
  readonly entries: readonly NavigationEntry[];
}

const navigation: readonly NavigationGroup[] = [
  {
    label: '',
    entries: [
      {
        to: '/',
        label: 'Overview',
        icon: IconLayoutDashboard,
        permission: undefined,
        key: 'o',
      },
      {
        to: '/contacts',
        label: 'Contacts',
        icon: IconUsers,
        permission: 'contacts:read',
        key: 'c',
      },
    ],
  },
  {
    label: 'Data',
    entries: [
      {
        to: '/datasets',
        label: 'Datasets',
        icon: IconDatabase,
        permission: 'datasets:read',
        key: 'd',
        waiting: ({ runs }) => runs.length,
      },
      {
        to: '/fields',
        label: 'Fields',
        icon: IconForms,
        permission: 'fields:read',
        key: 'f',
      },
    ],
  },
  {
    label: 'Access',
    entries: [
      {
        to: '/access',
        label: 'Access log',
        icon: IconEye,
        permission: 'access:read',
        key: 'a',
      },
      {
        to: '/audit',
        label: 'Audit',
        icon: IconHistory,
        permission: 'audit:read',
        key: 'u',
      },
    ],
  },
  {
    label: 'Settings',
    entries: [
      {
        to: '/users',
        label: 'Users and sessions',
        icon: IconUserShield,
        permission: 'users:read',
        key: 'm',
      },
      {
        to: '/account',
        label: 'Your account',
        icon: IconUserCircle,
        permission: undefined,
        key: 'y',
      },
    ],
  },
];

/** The groups with the entries that these permissions open. */
export function navigationFor(permissions: readonly PermissionName[]): NavigationGroup[] {
  return navigation.flatMap((group) => {
    const entries = group.entries.filter(
      ({ permission }) => permission === undefined || permissions.includes(permission),
    );
    return entries.length === 0 ? [] : [{ ...group, entries }];
  });
}
