/**
 * Asks to sign in again over the page, so that what was typed on it stays. The page is covered
 * meanwhile (`shell/use-cover.ts`), because another person may see the screen now.
 */
import { Button, Modal, VisuallyHidden } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { useSessionEnded } from '../api/session-ended.ts';
import { oidcPath } from './session-calls.ts';
import { useSession } from './session-context.tsx';
import type { Session } from './session-shape.ts';
import styles from './sign-in-form.module.css';
import { SignInForm } from './sign-in-form.tsx';
import { startSession } from './use-session-query.ts';
import { useSignedInElsewhere } from './use-signed-in-elsewhere.ts';

export function SignInAgain() {
  const isEnded = useSessionEnded();
  useNoEscape(isEnded);
  return (
    <Modal
      opened={isEnded}
      zIndex={aboveAll}
      portalProps={{ reuseTargetNode: false, className: 'uncovered' }}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Your session ended"
      size={400}
      withOverlay={false}
    >
      <Ways />
    </Modal>
  );
}

/** Also above a dialog that was open, and above its lists and hints. */
const aboveAll = 1_000;

function Ways() {
  const { user, methods, organization } = useSession();
  const goOn = useGoOn();
  const elsewhere = useSignedInElsewhere({ key: ['session', 'again'], pauseMs });
  useEffect(() => {
    if (elsewhere !== undefined) goOn(elsewhere);
  }, [elsewhere, goOn]);
  return (
    <main className={styles.form}>
      <VisuallyHidden component="h1">Sign in again</VisuallyHidden>
      <p>Sign in again. This page keeps what you typed.</p>
      {methods.oidc !== null && (
        <Button component="a" href={oidcPath} target="_blank">
          {`Continue with ${methods.oidc.name} in a new window`}
        </Button>
      )}
      {user.has_password && (
        <SignInForm email={user.email} organization={organization.name} onSignedIn={goOn} />
      )}
      {!user.has_password && methods.oidc === null && (
        <p>You have no password here. Open a new link in another window; this page then goes on.</p>
      )}
    </main>
  );
}

/** For another user, the frame leaves the page (`shell/same-user.tsx`). */
function useGoOn(): (session: Session) => void {
  const client = useQueryClient();
  return useCallback((session) => startSession(client, session), [client]);
}

/** `Esc` would close a dialog behind this one, and throw away what was typed in it. */
function useNoEscape(isEnded: boolean): void {
  const ended = useRef(isEnded);
  useEffect(() => {
    ended.current = isEnded;
  }, [isEnded]);
  useEffect(() => {
    const stop = (event: KeyboardEvent) => {
      if (ended.current && event.key === 'Escape') event.stopImmediatePropagation();
    };
    window.addEventListener('keydown', stop, { capture: true });
    return () => window.removeEventListener('keydown', stop, { capture: true });
  }, []);
}

/** 10 s, then more each time, up to a minute. Coming back to this window asks at once. */
function pauseMs(tries: number): number {
  return Math.min(10_000 * Math.max(1, tries), 60_000);
}
