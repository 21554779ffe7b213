/** Asks the user to confirm who they are, for calls that need it (`api/confirmation.ts`). */
import { Button, Modal, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { askWith } from '../api/confirmation.ts';
import { ProblemCard } from '../parts/problem-card.tsx';
import { CodeField } from './code-field.tsx';
import { confirmSession, oidcPath } from './session-calls.ts';
import { useSession } from './session-context.tsx';
import styles from './sign-in-form.module.css';

interface Asked {
  readonly confirm: () => void;
  readonly refuse: () => void;
}

export function ConfirmSession() {
  const [asked, setAsked] = useState<Asked>();
  useEffect(() => {
    askWith(() =>
      new Promise<void>((confirm, refuse) => setAsked({ confirm, refuse })).finally(() =>
        setAsked(undefined),
      ),
    );
    return () => askWith(undefined);
  }, []);
  return asked === undefined ? null : <Question asked={asked} />;
}

function Question({ asked: { confirm, refuse } }: { readonly asked: Asked }) {
  const { user } = useSession();
  const canProve = user.has_password || user.has_totp;
  return (
    <Modal
      opened
      onClose={() => refuse()}
      title="Confirm that it is you"
      closeButtonProps={{ 'aria-label': 'Close' }}
      zIndex={400}
    >
      {canProve ? <ProofForm onConfirmed={confirm} /> : <SignInAnew />}
    </Modal>
  );
}

/** The password, or a code of the second factor. */
function ProofForm({ onConfirmed }: { readonly onConfirmed: () => void }) {
  const { user } = useSession();
  const [byCode, setByCode] = useState(!user.has_password);
  const [secret, setSecret] = useState('');
  const send = useMutation<void, ApiProblem>({
    mutationFn: () => confirmSession(byCode ? { code: secret } : { password: secret }),
    onSuccess: onConfirmed,
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  const change = () => {
    setByCode(!byCode);
    setSecret('');
  };
  return (
    <form className={styles.form} onSubmit={submit}>
      {byCode ? (
        <CodeField label="Code of your authenticator" code={secret} onChange={setSecret} />
      ) : (
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          value={secret}
          data-autofocus
          onChange={(event) => setSecret(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        />
      )}
      {send.error !== null && <ProblemCard error={send.error} />}
      <Button type="submit" variant="filled" loading={send.isPending}>
        Confirm
      </Button>
      {user.has_password && user.has_totp && (
        <Button onClick={change}>{byCode ? 'Use the password' : 'Use a code'}</Button>
      )}
    </form>
  );
}

/** Users without a password have nothing to type: a new session counts as confirmed. */
function SignInAnew() {
  const { oidc } = useSession().methods;
  if (oidc === null) return <p>Sign out, and sign in again. You then have five minutes.</p>;
  return (
    <div className={styles.form}>
      <p>You have no password here. Sign in again; you then have five minutes.</p>
      <Button variant="filled" component="a" href={oidcPath}>
        {`Continue with ${oidc.name}`}
      </Button>
    </div>
  );
}
