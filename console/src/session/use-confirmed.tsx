/** Calls that need the user to have signed in within the last five minutes. */
import { Button, Modal, PasswordInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, type ReactNode, useCallback, useState } from 'react';
import { type ApiProblem, problemOf } from '../api/api-problem.ts';
import { ProblemCard } from '../parts/problem-card.tsx';
import { confirmSession } from './session-calls.ts';
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
  const [password, setPassword] = useState('');
  const send = useMutation<void, ApiProblem>({
    mutationFn: () => confirmSession({ password }),
    onSuccess: confirm,
    gcTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate();
  };
  return (
    <Modal
      opened
      onClose={() => refuse(undefined)}
      title="Confirm that it is you"
      closeButtonProps={{ 'aria-label': 'Close' }}
      zIndex={400}
    >
      <form className={styles.form} onSubmit={submit}>
        <PasswordInput
          label="Your password"
          autoComplete="current-password"
          value={password}
          data-autofocus
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        />
        {send.error !== null && <ProblemCard error={send.error} />}
        <Button type="submit" variant="filled" loading={send.isPending}>
          Confirm
        </Button>
      </form>
    </Modal>
  );
}
