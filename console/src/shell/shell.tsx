/** The frame around every page for users who are signed in: sidebar, bar and page. */
import { Outlet, useLocation, useNavigate, useRouter } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import { useLiveEvents } from '../api/live-events.ts';
import { FailedPage } from '../parts/failed-page.tsx';
import { useFreshOverview } from '../parts/use-overview.ts';
import { takePlace } from '../session/return-place.ts';
import { SessionProvider } from '../session/session-context.tsx';
import type { Session } from '../session/session-shape.ts';
import { useSessionQuery } from '../session/use-session-query.ts';
import { navigationFor } from './navigation.ts';
import { SameUser } from './same-user.tsx';
import styles from './shell.module.css';
import type { Opened } from './shell-dialogs.tsx';
import { ShellSkeleton } from './shell-skeleton.tsx';
import { SidebarContent } from './sidebar-content.tsx';
import { StaleStrip } from './stale-strip.tsx';
import { TopBar } from './top-bar.tsx';
import { useCover } from './use-cover.ts';
import { useLate } from './use-late.ts';
import { useShortcuts } from './use-shortcuts.ts';

export function Shell() {
  const { data: session, error, refetch } = useSessionQuery();
  // A session that ended while the page is open is asked for over the page.
  const isSignedOut = session === undefined && error?.code === 'session_required';
  useSignInPage(isSignedOut);
  if (session === undefined) {
    if (error === null || isSignedOut) return <ShellSkeleton />;
    return <FailedPage error={error} reset={() => void refetch()} />;
  }
  return (
    <SessionProvider session={session}>
      <SameUser session={session}>
        <Frame permissions={session.permissions} />
      </SameUser>
    </SessionProvider>
  );
}

function Frame({ permissions }: Pick<Session, 'permissions'>) {
  const [opened, setOpened] = useState<Opened>();
  const groups = useMemo(() => navigationFor(permissions), [permissions]);
  const opens = useMemo(
    () => ({
      openMenu: () => setOpened('menu'),
      openList: () => setOpened('keys'),
      openDrawer: () => setOpened('drawer'),
      close: () => setOpened(undefined),
    }),
    [],
  );
  useShortcuts({ groups, ...opens });
  useReturn();
  useLiveEvents();
  useCover();
  useFreshOverview();
  const Dialogs = useLate(
    'shell-dialogs',
    async () => (await import('./shell-dialogs.tsx')).ShellDialogs,
  );
  const content = { groups, onFind: opens.openMenu };
  return (
    <>
      <a className={styles.skip} href="#page">
        Skip to the page
      </a>
      <div className={styles.shell}>
        <TopBar onMenu={opens.openDrawer} onFind={opens.openMenu} />
        <aside className={styles.sidebar} aria-label="Sidebar">
          <div className={styles.sticky}>
            <SidebarContent {...content} onOpen={opens.close} />
          </div>
        </aside>
        <main className={styles.main} id="page" tabIndex={-1}>
          <div className={styles.column}>
            <StaleStrip />
            <Outlet />
          </div>
        </main>
      </div>
      {Dialogs !== undefined && <Dialogs {...content} opened={opened} onClose={opens.close} />}
    </>
  );
}

/** Goes on where the user was before they went to the provider to sign in. */
function useReturn(): void {
  const router = useRouter();
  useEffect(() => {
    const place = takePlace();
    if (place !== undefined) router.history.replace(`/console${place}`);
  }, [router]);
}

/** Goes to the sign-in page, which comes back to this address. */
function useSignInPage(isSignedOut: boolean): void {
  const navigate = useNavigate();
  const { pathname, searchStr } = useLocation();
  useEffect(() => {
    // The page stays for a moment while the other one is loaded.
    if (!isSignedOut || pathname === '/sign-in') return;
    const to = pathname === '/' ? {} : { to: `${pathname}${searchStr}` };
    void navigate({ to: '/sign-in', search: to, replace: true });
  }, [isSignedOut, navigate, pathname, searchStr]);
}
