/** Revokes a user, after the e-mail was typed. */
import { useMutation } from '@tanstack/react-query';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { announce } from '../../parts/announcer.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { sessionWords } from './session-words.ts';
import { type User, useReadUsersAgain } from './use-users.ts';

interface RevokeParts {
  readonly user: User;
  readonly sessions: number;
  readonly onClose: () => void;
}

export function RevokeDialog({ user: { id, name, email }, sessions, onClose }: RevokeParts) {
  const readAgain = useReadUsersAgain();
  const revoke = useMutation<unknown, ApiProblem>({
    mutationFn: () => call('DELETE /admin/v1/users/{id}', { params: { id } }),
    onSuccess: async () => {
      announce('Revoked');
      await readAgain();
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={`Revoke ${name}`}
      effects={[
        sessionWords(sessions),
        'No password, code, link or provider signs the user in.',
        'The user stays listed. Inviting the same e-mail again makes a new start.',
      ]}
      word={email}
      verb="Revoke"
      keepVerb="Keep"
      isPending={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    />
  );
}
