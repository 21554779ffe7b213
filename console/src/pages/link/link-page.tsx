/** Takes a link that works once, and signs in: `/console/link#...`. */
import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { useTitle } from '../../parts/page-title.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { Skeleton } from '../../parts/skeleton.tsx';
import { type LinkRequest, takeLink } from '../../session/session-calls.ts';
import type { Session } from '../../session/session-shape.ts';
import { startSession } from '../../session/use-session-query.ts';
import styles from '../sign-in/entry-frame.module.css';
import { EntryFrame } from '../sign-in/entry-frame.tsx';

export function LinkPage() {
  useTitle('Open the link');
  const [link] = useState(takeLinkFromAddress);
  const client = useQueryClient();
  const router = useRouter();
  const enter = useMutation<Session, ApiProblem, Omit<LinkRequest, 'link'>>({
    mutationFn: (more) => takeLink({ link, ...more }),
    onSuccess: (session) => {
      startSession(client, session);
      router.history.replace('/console');
    },
  });
  const isSent = useRef(false);
  const { mutate } = enter;
  useEffect(() => {
    // A link works once, and React runs effects twice during development.
    if (isSent.current) return;
    isSent.current = true;
    mutate({});
  }, [mutate]);
  const needsPassword = enter.error?.facts.members['password_required'] === true;
  return (
    <EntryFrame>
      <h1>{needsPassword ? 'Choose a password' : 'Opening your link'}</h1>
      <p className={styles.where}>{window.location.host}</p>
      {enter.error === null && <Skeleton width="100%" height={40} />}
      {enter.error !== null && !needsPassword && <ProblemCard error={enter.error} />}
      {needsPassword && (
        <PasswordForm known={enter.error?.facts.members['email']} onSubmit={mutate} />
      )}
    </EntryFrame>
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
  onSubmit,
}: {
  readonly known: unknown;
  readonly onSubmit: (more: Omit<LinkRequest, 'link'>) => void;
}) {
  const isFirst = typeof known !== 'string' || known.endsWith('@localhost');
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit({
      password,
      ...(name === '' ? {} : { name }),
      ...(isFirst && email !== '' ? { email } : {}),
    });
  };
  return (
    <form onSubmit={submit} style={{ display: 'grid', gap: 16 }}>
      {isFirst ? (
        <TextInput
          label="Your e-mail"
          type="email"
          autoComplete="username"
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
      ) : (
        <p>{known}</p>
      )}
      <TextInput
        label="Your name"
        autoComplete="name"
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <PasswordInput
        label="Password"
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      />
      <Button type="submit" variant="filled">
        Continue
      </Button>
    </form>
  );
}
