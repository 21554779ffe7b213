/** The frame around every page for users who are signed in: sidebar, bar and page. */
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { FailedPage } from '../parts/failed-page.tsx';
import { SessionProvider } from '../session/session-context.tsx';
import { SignInAgain } from '../session/sign-in-again.tsx';
import { useSessionQuery } from '../session/use-session-query.ts';
import styles from './shell.module.css';
import { ShellSkeleton } from './shell-skeleton.tsx';
import { Sidebar } from './sidebar.tsx';
import { SidebarDrawer } from './sidebar-drawer.tsx';
import { TopBar } from './top-bar.tsx';

export function Shell() {
  const { data: session, error, refetch } = useSessionQuery();
  const [isOpen, setOpen] = useState(false);
  const isSignedOut = error?.code === 'session_required';
  useSignInPage(isSignedOut);
  if (session === undefined) {
    if (error === null || isSignedOut) return <ShellSkeleton />;
    return <FailedPage error={error} reset={() => void refetch()} />;
  }
  return (
    <SessionProvider session={session}>
      <a className={styles.skip} href="#page">
        Skip to the page
      </a>
      <div className={styles.shell}>
        <TopBar onMenu={() => setOpen(true)} />
        <Sidebar />
        <SidebarDrawer isOpen={isOpen} onClose={() => setOpen(false)} />
        <main className={styles.main} id="page" tabIndex={-1}>
          <div className={styles.column}>
            <Outlet />
          </div>
        </main>
      </div>
      <SignInAgain />
    </SessionProvider>
  );
}

/** Goes to the sign-in page, which comes back to this address. */
function useSignInPage(isSignedOut: boolean): void {
  const navigate = useNavigate();
  const { pathname, searchStr } = useLocation();
  useEffect(() => {
    if (!isSignedOut) return;
    const to = pathname === '/' ? {} : { to: `${pathname}${searchStr}` };
    void navigate({ to: '/sign-in', search: to, replace: true });
  }, [isSignedOut, navigate, pathname, searchStr]);
}
