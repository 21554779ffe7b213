/** The user at the foot of the sidebar: role, theme, sign out. */
import { ActionIcon, Menu, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconLogout, IconMoon, IconSun, IconUserCircle } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Avatar } from '../parts/avatar.tsx';
import { signOut } from '../session/session-calls.ts';
import { useSession } from '../session/session-context.tsx';
import styles from './sidebar.module.css';

export function UserMenu() {
  const { user } = useSession();
  const leave = useMutation({
    mutationFn: signOut,
    // Nothing that was read stays in memory.
    onSuccess: () => window.location.assign('/console/sign-in'),
  });
  return (
    <div className={styles.user}>
      <Menu position="top-start" width={208}>
        <Menu.Target>
          <button className={styles.userButton} type="button">
            <Avatar name={user.name} />
            <span className={styles.names}>
              <span className={styles.organizationName}>{user.name}</span>
              <span className={styles.where}>{roleLabel(user.role)}</span>
            </span>
          </button>
        </Menu.Target>
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
      <ThemeButton />
    </div>
  );
}

function ThemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const isDark = useComputedColorScheme('light') === 'dark';
  const Icon = isDark ? IconSun : IconMoon;
  return (
    <ActionIcon
      aria-label={isDark ? 'Light theme' : 'Dark theme'}
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
    >
      <Icon size={17} stroke={1.6} aria-hidden />
    </ActionIcon>
  );
}

function roleLabel(role: string): string {
  return role.charAt(0).toUpperCase() + role.slice(1);
}
