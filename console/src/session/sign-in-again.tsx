/** Asks to sign in again over the page, so that what was typed on it stays. */
import { Modal } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { sessionEndedKey } from '../api/query-client.ts';
import { useSession } from './session-context.tsx';
import { SignInForm } from './sign-in-form.tsx';
import { startSession } from './use-session-query.ts';

export function SignInAgain() {
  const client = useQueryClient();
  const { user } = useSession();
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
    >
      <p style={{ marginBottom: 16, color: 'var(--text-second)' }}>
        Sign in again. This page keeps what you typed.
      </p>
      <SignInForm
        email={user.email}
        onSignedIn={(session) => {
          client.setQueryData(sessionEndedKey, false);
          startSession(client, session);
        }}
      />
    </Modal>
  );
}
