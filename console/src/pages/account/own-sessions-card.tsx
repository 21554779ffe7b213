/** Where the user is signed in. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ApiProblem } from '../../api/api-problem.ts';
import { announce } from '../../parts/announcer.tsx';
import { Card } from '../../parts/card.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SessionsTable } from '../../parts/sessions-table.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { endOwnSession } from '../../session/session-calls.ts';
import { ownSessionsKey, useOwnSessions } from '../../session/use-own-sessions.ts';

export function OwnSessionsCard() {
  const client = useQueryClient();
  const { data, error, refetch } = useOwnSessions();
  const end = useMutation<void, ApiProblem, string>({
    mutationFn: endOwnSession,
    onSuccess: () => announce('The session has ended'),
    onSettled: () => client.invalidateQueries({ queryKey: ownSessionsKey }),
  });
  if (error !== null) return <ProblemCard error={error} onRetry={() => void refetch()} />;
  return (
    <>
      {end.error !== null && <ProblemCard error={end.error} />}
      <Card title="Your sessions" note="End those that you do not know">
        {data === undefined ? (
          <SkeletonRows count={2} />
        ) : (
          <SessionsTable label="Your sessions" sessions={data} onEnd={({ id }) => end.mutate(id)} />
        )}
      </Card>
    </>
  );
}
