/** The user at the foot of the sidebar: role, theme, sign out. */
import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { useState } from 'react';
import { Avatar } from '../parts/avatar.tsx';
import { useSession } from '../session/session-context.tsx';
import styles from './sidebar.module.css';
import { useLate } from './use-late.ts';

export function UserMenu() {
  const { user } = useSession();
  const [isOpen, setOpen] = useState(false);
  const Dropdown = useLate(
    'user-dropdown',
    async () => (await import('./user-dropdown.tsx')).UserDropdown,
  );
  const open = Dropdown === undefined ? () => setOpen(true) : undefined;
  const button = (
    <button className={styles.userButton} type="button" aria-haspopup="menu" onClick={open}>
      <Avatar name={user.name} />
      <span className={styles.names}>
        <span className={styles.organizationName}>{user.name}</span>
        <span className={styles.where}>{roleLabel(user.role)}</span>
      </span>
    </button>
  );
  return (
    <div className={styles.user}>
      {Dropdown === undefined ? (
        button
      ) : (
        <Dropdown opened={isOpen} onChange={setOpen}>
          {button}
        </Dropdown>
      )}
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
