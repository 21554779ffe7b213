/** What the sidebar and the drawer of a narrow window show. */
import { IconBook } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useSession } from '../session/session-context.tsx';
import markUrl from '../theme/usher.svg';
import { type NavigationEntry, navigationFor } from './navigation.ts';
import styles from './sidebar.module.css';
import { UserMenu } from './user-menu.tsx';

/** @param onOpen called when an entry is opened */
export function SidebarContent({ onOpen }: { readonly onOpen: (() => void) | undefined }) {
  const { organization, permissions } = useSession();
  return (
    <>
      <div className={styles.organization}>
        <img className={styles.mark} src={markUrl} alt="" width={26} height={26} />
        <div className={styles.names}>
          <span className={styles.organizationName}>{organization.name}</span>
          <span className={styles.where}>{window.location.host}</span>
        </div>
      </div>
      <nav aria-label="Pages">
        {navigationFor(permissions).map(({ label, entries }) => (
          <div className={styles.group} key={label}>
            {label !== '' && <p className={styles.groupLabel}>{label}</p>}
            <ul>
              {entries.map((entry) => (
                <li key={entry.to}>
                  <EntryLink entry={entry} onOpen={onOpen} />
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
      <div className={styles.foot}>
        <a className={styles.entry} href="/docs/">
          <IconBook size={17} stroke={1.6} aria-hidden />
          <span>Docs</span>
        </a>
        <UserMenu />
      </div>
    </>
  );
}

function EntryLink({
  entry: { to, label, icon: Icon },
  onOpen,
}: {
  readonly entry: NavigationEntry;
  readonly onOpen: (() => void) | undefined;
}) {
  return (
    <Link
      className={styles.entry}
      to={to}
      activeOptions={{ exact: to === '/' }}
      onClick={() => onOpen?.()}
    >
      <Icon size={17} stroke={1.6} aria-hidden />
      <span>{label}</span>
    </Link>
  );
}
