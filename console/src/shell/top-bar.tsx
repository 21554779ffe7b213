/** The bar of a narrow window: menu, title and search. */
import { ActionIcon } from '@mantine/core';
import { IconMenu2 } from '@tabler/icons-react';
import { usePageTitle } from '../parts/page-title.ts';
import markUrl from '../theme/usher.svg';
import styles from './shell.module.css';

export function TopBar({ onMenu }: { readonly onMenu: () => void }) {
  const title = usePageTitle();
  return (
    <header className={styles.bar}>
      <ActionIcon aria-label="Open the menu" onClick={onMenu}>
        <IconMenu2 size={20} stroke={1.6} aria-hidden />
      </ActionIcon>
      <img src={markUrl} alt="" width={24} height={24} />
      <span className={styles.barTitle}>{title}</span>
    </header>
  );
}
