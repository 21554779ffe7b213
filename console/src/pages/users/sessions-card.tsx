/** All sessions of the organization. */
import { useMutation } from '@tanstack/react-query';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { announce } from '../../parts/announcer.tsx';
import { Card } from '../../parts/card.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SessionsTable } from '../../parts/sessions-table.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { useMay } from '../../session/session-context.tsx';
import { useOwnSessions } from '../../session/use-own-sessions.ts';
import { isWanted, useReadUsersAgain, useUserSessions } from './use-users.ts';

export function SessionsCard({ wanted }: { readonly wanted: string }) {
  const mayWrite = useMay('users:write');
  const { data, error, refetch } = useUserSessions();
  const own = useOwnSessions().data?.find((session) => session.is_current)?.id;
  const shown = data
    ?.filter(({ email }) => isWanted(wanted, [email]))
    .map((one) => ({ ...one, is_current: one.id === own }))
    .toSorted((one, other) => Number(other.is_current) - Number(one.is_current));
  const readAgain = useReadUsersAgain();
  const end = useMutation<unknown, ApiProblem, string>({
    mutationFn: (id) => call('DELETE /admin/v1/sessions/{id}', { params: { id } }),
    onSuccess: () => announce('The session has ended'),
    onSettled: readAgain,
  });
  if (error !== null) return <ProblemCard error={error} onRetry={() => void refetch()} />;
  return (
    <>
      {end.error !== null && <ProblemCard error={end.error} />}
      <Card title="Sessions" note="Where users are signed in now">
        {data === undefined && <SkeletonRows count={3} />}
        {data?.length === 0 && <EmptyState title="Nobody is signed in" />}
        {shown !== undefined && shown.length > 0 && (
          <SessionsTable
            label="Sessions of all users"
            sessions={shown}
            onEnd={mayWrite ? ({ id }) => end.mutate(id) : undefined}
          />
        )}
      </Card>
    </>
  );
}
