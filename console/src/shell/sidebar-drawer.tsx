/** The sidebar of a narrow window, over the page. */
import { Drawer } from '@mantine/core';
import type { NavigationGroup } from './navigation.ts';
import styles from './shell.module.css';
import { SidebarContent } from './sidebar-content.tsx';

interface DrawerParts {
  readonly groups: readonly NavigationGroup[];
  readonly isOpen: boolean;
  readonly onFind: () => void;
  readonly onClose: () => void;
}

export function SidebarDrawer({ groups, isOpen, onFind, onClose }: DrawerParts) {
  return (
    <Drawer
      opened={isOpen}
      onClose={onClose}
      size={280}
      title="Menu"
      closeButtonProps={{ 'aria-label': 'Close the menu' }}
      transitionProps={{ duration: 180 }}
      styles={{
        content: { background: 'var(--sidebar)' },
        header: { background: 'var(--sidebar)', minHeight: 52, paddingBlock: 0 },
        body: { padding: '0 12px 12px' },
      }}
    >
      <div className={styles.drawer}>
        <SidebarContent groups={groups} onFind={onFind} onOpen={onClose} />
      </div>
    </Drawer>
  );
}
