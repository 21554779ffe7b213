/** The head of a page: where it is, its one h1, a line of facts, and its actions. */
import { Fragment, type ReactNode, useEffect, useRef } from 'react';
import styles from './page-head.module.css';
import { useTitle } from './page-title.ts';

interface PageHeadParts {
  readonly title: string;
  /** Of the window, where the title of the page names a person. */
  readonly windowTitle?: string | undefined;
  /** What stands before the title, such as an avatar. */
  readonly mark?: ReactNode;
  /** What stands beside the title, such as a badge. */
  readonly beside?: ReactNode;
  /** The line under the title. */
  readonly facts?: ReactNode;
  /** The way to this page. */
  readonly crumbs?: readonly ReactNode[];
  readonly actions?: ReactNode;
}

export function PageHead({
  title,
  windowTitle,
  mark,
  beside,
  facts,
  crumbs,
  actions,
}: PageHeadParts) {
  useTitle(title, windowTitle);
  return (
    <header className={styles.head}>
      {crumbs !== undefined && (
        <nav className={styles.crumbs} aria-label="Where this page is">
          {crumbs.map((crumb, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: crumbs keep their places
            <Fragment key={place}>
              {place > 0 && <span aria-hidden>›</span>}
              {crumb}
            </Fragment>
          ))}
        </nav>
      )}
      <div className={styles.row}>
        {mark}
        <div className={styles.names}>
          <div className={styles.titleRow}>
            <Title>{title}</Title>
            {beside}
          </div>
          {facts !== undefined && <div className={styles.facts}>{facts}</div>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </div>
    </header>
  );
}

/** Where the console was opened: there the first Tab reaches the link that skips to the page. */
const firstPath = window.location.pathname;
let hasMoved = false;

/** Gets the focus after a navigation, so that a screen reader begins here. */
function Title({ children }: { readonly children: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    hasMoved ||= window.location.pathname !== firstPath;
    if (!hasMoved) return;
    const { activeElement } = document;
    const isFree = activeElement === null || activeElement === document.body;
    const isLink = activeElement instanceof HTMLAnchorElement;
    if (isFree || isLink) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
