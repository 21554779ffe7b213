/**
 * Asks to sign in again over the page, so that what was typed on it stays. It covers the page,
 * because another person may see the screen now.
 */
import { Button, Modal } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { sessionEndedKey } from '../api/query-client.ts';
import { oidcPath, readSession } from './session-calls.ts';
import { useSession } from './session-context.tsx';
import type { Session } from './session-shape.ts';
import styles from './sign-in-form.module.css';
import { SignInForm } from './sign-in-form.tsx';
import { startSession } from './use-session-query.ts';

export function SignInAgain() {
  const { data: isEnded } = useQuery({
    queryKey: sessionEndedKey,
    queryFn: () => false,
    initialData: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return (
    <Modal
      opened={isEnded}
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      title="Your session ended"
      size={400}
      overlayProps={{ backgroundOpacity: 1, color: 'var(--page)' }}
    >
      <Ways />
    </Modal>
  );
}

function Ways() {
  const { user, methods, organization } = useSession();
  const goOn = useGoOn();
  useSignedInElsewhere(goOn);
  return (
    <div className={styles.form}>
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
    </div>
  );
}

/** The page goes on for the same user, and begins anew for another one. */
function useGoOn(): (session: Session) => void {
  const client = useQueryClient();
  const { user } = useSession();
  return useCallback(
    (session) => {
      if (session.user.id !== user.id) return window.location.reload();
      client.setQueryData(sessionEndedKey, false);
      startSession(client, session);
    },
    [client, user.id],
  );
}

/** Notices that the user has signed in in another window. */
function useSignedInElsewhere(goOn: (session: Session) => void): void {
  const { data } = useQuery<Session, ApiProblem>({
    queryKey: [...sessionEndedKey, 'again'],
    queryFn: ({ signal }) => readSession(signal),
    refetchInterval: pauseMs,
    retry: false,
    gcTime: 0,
  });
  useEffect(() => {
    if (data !== undefined) goOn(data);
  }, [data, goOn]);
}

const pauseMs = 2_000;
