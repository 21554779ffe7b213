/** What the sidebar and the drawer of a narrow window show. */
import { IconBook, IconSearch } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useFormats } from '../format/use-formats.ts';
import { Badge } from '../parts/badge.tsx';
import { Keys } from '../parts/keys.tsx';
import { useOverview } from '../parts/use-overview.ts';
import { useSession } from '../session/session-context.tsx';
import markUrl from '../theme/usher.svg';
import type { NavigationEntry, NavigationGroup } from './navigation.ts';
import styles from './sidebar.module.css';
import { UserMenu } from './user-menu.tsx';

interface SidebarParts {
  readonly groups: readonly NavigationGroup[];
  /** Opens the command menu. */
  readonly onFind: () => void;
  /** Called when an entry is opened. */
  readonly onOpen: () => void;
}

export function SidebarContent({ groups, onFind, onOpen }: SidebarParts) {
  const { organization } = useSession();
  return (
    <>
      <div className={styles.organization}>
        <img className={styles.mark} src={markUrl} alt="" width={26} height={26} />
        <div className={styles.names}>
          <span className={styles.organizationName}>{organization.name}</span>
          <span className={styles.where}>{window.location.host}</span>
        </div>
      </div>
      <button className={styles.find} type="button" onClick={onFind}>
        <IconSearch size={16} stroke={1.6} aria-hidden />
        <span>Find or go to</span>
        <Keys keys={[isMac ? '⌘K' : 'Ctrl K']} />
      </button>
      <nav aria-label="Pages">
        {groups.map(({ label, entries }) => (
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

const isMac = navigator.userAgent.includes('Mac');

function EntryLink({
  entry: { to, label, icon: Icon, waiting },
  onOpen,
}: {
  readonly entry: NavigationEntry;
  readonly onOpen: () => void;
}) {
  const { data } = useOverview();
  const formats = useFormats();
  const count = data === undefined ? 0 : (waiting?.(data.waiting) ?? 0);
  return (
    <Link
      className={styles.entry}
      to={to}
      activeOptions={{ exact: to === '/', includeSearch: false }}
      onClick={onOpen}
    >
      <Icon size={17} stroke={1.6} aria-hidden />
      <span>{label}</span>
      {count > 0 && (
        <span className={styles.count} role="img" aria-label={`${formats.count(count)} waiting`}>
          <Badge tone="decide">{formats.count(count)}</Badge>
        </span>
      )}
    </Link>
  );
}
