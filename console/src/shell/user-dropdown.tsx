/** What opens over the user at the foot of the sidebar. */
import { Menu } from '@mantine/core';
import { IconLogout, IconUserCircle } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { signOut } from '../session/session-calls.ts';
import { useSession } from '../session/session-context.tsx';

interface DropdownParts {
  readonly opened: boolean;
  readonly onChange: (opened: boolean) => void;
  /** The button that it belongs to. */
  readonly children: ReactElement;
}

export function UserDropdown({ opened, onChange, children }: DropdownParts) {
  const { user } = useSession();
  const leave = useMutation({
    mutationFn: signOut,
    // Nothing that was read stays in memory.
    onSuccess: () => window.location.assign('/console/sign-in'),
  });
  return (
    <Menu position="top-start" width={208} opened={opened} onChange={onChange}>
      <Menu.Target>{children}</Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.email}</Menu.Label>
        <Menu.Item
          component={Link}
          to="/account"
          leftSection={<IconUserCircle size={16} stroke={1.6} aria-hidden />}
        >
          Your account
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={16} stroke={1.6} aria-hidden />}
          onClick={() => leave.mutate()}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
