/** The sidebar: the organization, the search, the pages and the user. */
import styles from './shell.module.css';
import { SidebarContent } from './sidebar-content.tsx';

export function Sidebar() {
  return (
    <div className={styles.sidebar}>
      <SidebarContent onOpen={undefined} />
    </div>
  );
}
