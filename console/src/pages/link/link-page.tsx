/** Takes a link that works once, and signs in: `/console/link#...`. */

import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useRouter } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { formFaults } from '../../api/problem-words.ts';
import { Form, NeededPassword, NeededText } from '../../parts/form.tsx';
import { useTitle } from '../../parts/page-title.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { ProblemLine } from '../../parts/problem-line.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { type LinkRequest, takeLink } from '../../session/session-calls.ts';
import type { Session } from '../../session/session-shape.ts';
import { startSession } from '../../session/use-session-query.ts';
import styles from '../sign-in/entry-frame.module.css';
import { EntryFrame } from '../sign-in/entry-frame.tsx';

export function LinkPage() {
  useTitle('Open the link');
  const [link] = useState(takeLinkFromAddress);
  return <EntryFrame>{linkForm.test(link) ? <Open link={link} /> : <NoLink />}</EntryFrame>;
}

const linkForm = /^[0-9A-Za-z]{43}$/;

/** A part of the link is missing, as after a reload of this page. */
function NoLink() {
  return (
    <>
      <h1>Open the whole link again</h1>
      <p className={styles.where}>{window.location.host}</p>
      <p>
        The link ends in a long code behind #, which is missing here. Open the link that you were
        given again, or ask for another one.
      </p>
    </>
  );
}

function Open({ link }: { readonly link: string }) {
  const client = useQueryClient();
  const router = useRouter();
  // Stays while the password is tried: what was typed must not go.
  const [account, setAccount] = useState<{ readonly email: unknown }>();
  const enter = useMutation<Session, ApiProblem, Omit<LinkRequest, 'link'>>({
    mutationFn: (more) => takeLink({ link, ...more }),
    onSuccess: (session) => {
      startSession(client, session);
      router.history.replace('/console');
    },
    onError: ({ facts: { members } }) => {
      if (members['password_required'] === true) setAccount({ email: members['email'] });
    },
    gcTime: 0,
  });
  const isSent = useRef(false);
  const { mutate } = enter;
  useEffect(() => {
    // A link works once, and React runs effects twice during development.
    if (isSent.current) return;
    isSent.current = true;
    mutate({});
  }, [mutate]);
  const isAsked = enter.error?.facts.members['password_required'] === true;
  return (
    <>
      <h1>{account === undefined ? 'Opening your link' : 'Choose a password'}</h1>
      <p className={styles.where}>{window.location.host}</p>
      {account === undefined && enter.error === null && <Skeleton width="100%" height={40} />}
      {account === undefined && enter.error !== null && (
        <>
          <ProblemCard
            error={enter.error}
            {...(enter.error.mayPass && { onRetry: () => mutate({}) })}
          />
          <Button fullWidth mt={12} renderRoot={(props) => <Link to="/sign-in" {...props} />}>
            I have used it: sign in
          </Button>
        </>
      )}
      {account !== undefined && (
        <PasswordForm
          known={account.email}
          error={isAsked ? null : enter.error}
          isPending={enter.isPending}
          onSubmit={mutate}
        />
      )}
    </>
  );
}

/** The link is a secret: it leaves the address bar and the history at once. */
function takeLinkFromAddress(): string {
  const link = window.location.hash.slice(1);
  window.history.replaceState(window.history.state, '', window.location.pathname);
  return link;
}

/** @param known the e-mail of the account; the first administrator chooses another one */
function PasswordForm({
  known,
  error,
  isPending,
  onSubmit,
}: {
  readonly known: unknown;
  readonly error: ApiProblem | null;
  readonly isPending: boolean;
  readonly onSubmit: (more: Omit<LinkRequest, 'link'>) => void;
}) {
  const isFirst = typeof known !== 'string' || known.endsWith('@localhost');
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const { at, other } = formFaults(error, ['/email', '/name', '/password']);
  const submit = () => {
    onSubmit({
      password,
      ...(name === '' ? {} : { name }),
      ...(isFirst && email !== '' ? { email } : {}),
    });
  };
  return (
    <Form error={error} onSubmit={submit} style={{ display: 'grid', gap: 16 }}>
      {isFirst ? (
        <NeededText
          label="Your e-mail"
          name="email"
          type="email"
          autoComplete="username"
          value={email}
          error={at('/email')}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
      ) : (
        <p>{known}</p>
      )}
      <TextInput
        label="Your name"
        autoComplete="name"
        value={name}
        error={at('/name')}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <NeededPassword
        label="Password"
        description="12 to 256 characters that are not easy to guess"
        name="password"
        autoComplete="new-password"
        value={password}
        error={at('/password')}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      />
      {other !== null && <ProblemLine error={other} />}
      <Button type="submit" variant="filled" loading={isPending}>
        Continue
      </Button>
    </Form>
  );
}
