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
import { pagePermissions } from './page-permissions.ts';

export interface NavigationEntry {
  readonly to: keyof typeof pagePermissions;
  readonly label: string;
  readonly icon: TablerIcon;
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
        key: 'o',
      },
      {
        to: '/contacts',
        label: 'Contacts',
        icon: IconUsers,
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
        key: 'd',
        waiting: ({ runs }) => runs.length,
      },
      {
        to: '/fields',
        label: 'Fields',
        icon: IconForms,
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
        key: 'a',
      },
      {
        to: '/audit',
        label: 'Audit',
        icon: IconHistory,
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
        key: 'm',
      },
      {
        to: '/account',
        label: 'Your account',
        icon: IconUserCircle,
        key: 'y',
      },
    ],
  },
];

/** The groups with the entries that these permissions open. */
export function navigationFor(permissions: readonly PermissionName[]): NavigationGroup[] {
  return navigation.flatMap((group) => {
    const entries = group.entries.filter(({ to }) => {
      const permission = pagePermissions[to];
      return permission === undefined || permissions.includes(permission);
    });
    return entries.length === 0 ? [] : [{ ...group, entries }];
  });
}
