/** Calls that need the user to have signed in within the last five minutes. */
import { Button, Modal, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useCallback, useState } from 'react';
import { type ApiProblem, problemOf } from '../api/api-problem.ts';
import { ProblemCard } from '../parts/problem-card.tsx';
import { CodeField } from './code-field.tsx';
import { confirmSession, oidcPath } from './session-calls.ts';
import { useSession } from './session-context.tsx';
import styles from './sign-in-form.module.css';

interface Asked {
  readonly confirm: () => void;
  readonly refuse: (reason: unknown) => void;
}

interface Confirmed {
  /**
   * Makes the call. If the server asks who calls, asks the user and makes it again. Rejects with
   * the server's problem if the user does not confirm.
   */
  readonly confirmed: <Answer>(call: () => Promise<Answer>) => Promise<Answer>;
  /** Has its place on the page of the call. */
  readonly dialog: ReactNode;
}

export function useConfirmed(): Confirmed {
  const [asked, setAsked] = useState<Asked>();
  const confirmed = useCallback(async <Answer,>(call: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await call();
    } catch (error) {
      if (problemOf(error).code !== 'confirmation_required') throw error;
      await new Promise<void>((confirm, reject) =>
        setAsked({ confirm, refuse: () => reject(error) }),
      ).finally(() => setAsked(undefined));
      return await call();
    }
  }, []);
  const dialog = asked === undefined ? null : <ConfirmSession asked={asked} />;
  return { confirmed, dialog };
}

function ConfirmSession({ asked: { confirm, refuse } }: { readonly asked: Asked }) {
  const { user } = useSession();
  const canProve = user.has_password || user.has_totp;
  return (
    <Modal
      opened
      onClose={() => refuse(undefined)}
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
