/** The bar of a narrow window: menu, title and search. */
import { ActionIcon } from '@mantine/core';
import { IconMenu2, IconSearch } from '@tabler/icons-react';
import { Avatar } from '../parts/avatar.tsx';
import { usePageTitle } from '../parts/page-title.ts';
import { useSession } from '../session/session-context.tsx';
import markUrl from '../theme/usher.svg';
import styles from './shell.module.css';

export function TopBar({
  onMenu,
  onFind,
}: {
  readonly onMenu: () => void;
  readonly onFind: () => void;
}) {
  const { user } = useSession();
  const title = usePageTitle();
  return (
    <header className={styles.bar}>
      <ActionIcon aria-label="Open the menu" onClick={onMenu}>
        <IconMenu2 size={20} stroke={1.6} aria-hidden />
      </ActionIcon>
      <img src={markUrl} alt="" width={24} height={24} />
      <span className={styles.barTitle}>{title}</span>
      <ActionIcon aria-label="Find or go to" onClick={onFind}>
        <IconSearch size={20} stroke={1.6} aria-hidden />
      </ActionIcon>
      <Avatar name={user.name} />
    </header>
  );
}
