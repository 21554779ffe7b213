/** Asks the user to confirm who they are, for calls that need it (`api/confirmation.ts`). */

import { Button, Modal, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { askWith } from '../api/confirmation.ts';
import { Form } from '../parts/form.tsx';
import { ProblemCard } from '../parts/problem-card.tsx';
import { CodeField } from './code-field.tsx';
import { confirmSession, oidcPath } from './session-calls.ts';
import { useSession } from './session-context.tsx';
import styles from './sign-in-form.module.css';
import { useSignedInElsewhere } from './use-signed-in-elsewhere.ts';

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
      {canProve ? <ProofForm onConfirmed={confirm} /> : <ProviderForm onConfirmed={confirm} />}
    </Modal>
  );
}

/** A code of the second factor, else the password. */
function ProofForm({ onConfirmed }: { readonly onConfirmed: () => void }) {
  const { user } = useSession();
  const byCode = user.has_totp;
  const [secret, setSecret] = useState('');
  const send = useMutation<void, ApiProblem>({
    mutationFn: () => confirmSession(byCode ? { code: secret } : { password: secret }),
    onSuccess: onConfirmed,
    gcTime: 0,
  });
  const submit = () => send.mutate();
  return (
    <Form className={styles.form} onSubmit={submit}>
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
    </Form>
  );
}

/** Users without a password have nothing to type: the provider asks them in another window. */
function ProviderForm({ onConfirmed }: { readonly onConfirmed: () => void }) {
  const { oidc } = useSession().methods;
  const data = useSignedInElsewhere({ key: ['session', 'confirmed'], pauseMs: () => 2_000 });
  const isConfirmed = data?.confirmed_until != null;
  useEffect(() => {
    if (isConfirmed) onConfirmed();
  }, [isConfirmed, onConfirmed]);
  if (oidc === null) return <p>Sign out, and sign in again. You then have five minutes.</p>;
  return (
    <div className={styles.form}>
      <p>You have no password here. Sign in again in a new window; this page then goes on.</p>
      <Button variant="filled" component="a" href={oidcPath} target="_blank">
        {`Continue with ${oidc.name}`}
      </Button>
    </div>
  );
}
