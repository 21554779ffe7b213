/** Takes password and second factor from a user, and makes a link to choose new ones. */
import { useMutation } from '@tanstack/react-query';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import type { Linked } from './link-dialog.tsx';
import { sessionWords } from './session-words.ts';
import { type User, useReadUsersAgain } from './use-users.ts';

interface ResetParts {
  readonly user: User;
  readonly sessions: number;
  readonly onReset: (linked: Linked) => void;
  readonly onClose: () => void;
}

export function ResetDialog({ user: { id, name, email }, sessions, onReset, onClose }: ResetParts) {
  const readAgain = useReadUsersAgain();
  const reset = useMutation<Linked, ApiProblem>({
    mutationFn: () => call('POST /admin/v1/users/{id}/reset', { params: { id } }),
    onSuccess: (linked) => {
      void readAgain();
      onReset(linked);
    },
    // The link is a secret.
    gcTime: 0,
  });
  return (
    <ConfirmDialog
      title={`Reset ${name}`}
      effects={[
        sessionWords(sessions),
        'The password and the second factor no longer work.',
        'You get a link that works once, within a day. Earlier links end.',
      ]}
      word={email}
      verb="Reset"
      keepVerb="Keep"
      isPending={reset.isPending}
      error={reset.error}
      onConfirm={() => reset.mutate()}
      onClose={onClose}
    />
  );
}
