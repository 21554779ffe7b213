/** The tabs of a page. Each is a link, so that every view can be sent. */
import { Link } from '@tanstack/react-router';
import styles from './tab-links.module.css';

export interface TabLink {
  /** The value of `tab` in the address. `undefined`: the first tab. */
  readonly tab: string | undefined;
  readonly label: string;
  readonly count?: string | undefined;
}

/** @param label what the tabs are of, for screen readers */
export function TabLinks({
  label,
  tabs,
}: {
  readonly label: string;
  readonly tabs: readonly TabLink[];
}) {
  return (
    <nav className={styles.tabs} aria-label={label}>
      {tabs.map(({ tab, label: name, count }) => (
        <Link
          key={name}
          className={styles.tab}
          to="."
          search={({ tab: _current, ...search }) =>
            tab === undefined ? search : { ...search, tab }
          }
          activeOptions={exactly}
          replace
        >
          {name} {count !== undefined && <span className={styles.count}>{count}</span>}
        </Link>
      ))}
    </nav>
  );
}

/** A tab is open if the whole address is its own. */
const exactly = { exact: true, includeSearch: true, explicitUndefined: true } as const;
