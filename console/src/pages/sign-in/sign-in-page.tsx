/** How do I get in? */
import { Button } from '@mantine/core';
import { IconShieldLock } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useCallback, useEffect } from 'react';
import { useTitle } from '../../parts/page-title.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { keepPlace } from '../../session/return-place.ts';
import { oidcPath } from '../../session/session-calls.ts';
import type { SignInMethods } from '../../session/session-shape.ts';
import { SignInForm } from '../../session/sign-in-form.tsx';
import { startSession, useSessionQuery } from '../../session/use-session-query.ts';
import styles from './entry-frame.module.css';
import { EntryFrame } from './entry-frame.tsx';

export function SignInPage() {
  useTitle('Sign in');
  const { data, error, refetch } = useSessionQuery();
  const goOn = useGoOn();
  useEffect(() => {
    if (data !== undefined && error === null) goOn();
  }, [data, error, goOn]);
  const isAsked = error?.code === 'session_required';
  return (
    <EntryFrame>
      <h1>Sign in</h1>
      <p className={styles.where}>{window.location.host}</p>
      {error !== null && !isAsked ? (
        <ProblemCard error={error} onRetry={() => void refetch()} />
      ) : (
        <Ways methods={methodsIn(error?.facts.members)} />
      )}
    </EntryFrame>
  );
}

function Ways({ methods }: { readonly methods: SignInMethods }) {
  const { oidc, password } = methods;
  const client = useQueryClient();
  const { to } = useSearch({ from: '/sign-in' });
  return (
    <>
      {oidc !== null && (
        <Button
          component="a"
          href={oidcPath}
          onClick={() => keepPlace(to)}
          fullWidth
          h={40}
          leftSection={<IconShieldLock size={17} stroke={1.6} aria-hidden />}
        >
          Continue with {oidc.name}
        </Button>
      )}
      {oidc !== null && password && <p className={styles.or}>or with a local account</p>}
      {password && (
        <SignInForm
          {...(methods.asks_organization && { organization: '' })}
          onSignedIn={(session) => startSession(client, session)}
        />
      )}
      <p className={styles.hint}>
        Lost your password or your authenticator? An admin can reset it.
      </p>
    </>
  );
}

/** To the page that asked to sign in. */
function useGoOn(): () => void {
  const router = useRouter();
  const { to } = useSearch({ from: '/sign-in' });
  return useCallback(() => router.history.replace(`/console${to ?? ''}`), [router, to]);
}

function methodsIn(members: Readonly<Record<string, unknown>> | undefined): SignInMethods {
  const methods = members?.['methods'] as SignInMethods | undefined;
  return methods ?? { password: true, oidc: null, asks_organization: false };
}
