/** Who may use the console, with which role, and where are they signed in? */
import { Button } from '@mantine/core';
import { useState } from 'react';
import { Card } from '../../parts/card.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { useMay } from '../../session/session-context.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { LinkDialog, type Linked } from './link-dialog.tsx';
import { SessionsCard } from './sessions-card.tsx';
import { useUserSessions, useUsers } from './use-users.ts';
import styles from './users.module.css';
import { UsersTable } from './users-table.tsx';

export function UsersPage() {
  const mayWrite = useMay('users:write');
  const [isInviting, setInviting] = useState(false);
  const [linked, setLinked] = useState<Linked>();
  const takeLink = (made: Linked) => {
    setInviting(false);
    setLinked(made);
  };
  return (
    <>
      <PageHead
        title="Users and sessions"
        facts="What you change here counts for the next request of the user."
        actions={
          mayWrite && (
            <Button variant="filled" onClick={() => setInviting(true)}>
              Invite…
            </Button>
          )
        }
      />
      <div className={styles.cards}>
        <UsersCard onLinked={takeLink} />
        <SessionsCard />
      </div>
      {isInviting && <InviteDialog onInvited={takeLink} onClose={() => setInviting(false)} />}
      {linked !== undefined && <LinkDialog linked={linked} onKept={() => setLinked(undefined)} />}
    </>
  );
}

function UsersCard({ onLinked }: { readonly onLinked: (linked: Linked) => void }) {
  const { data: users, error, refetch } = useUsers();
  const { data: sessions = [] } = useUserSessions();
  if (error !== null) return <ProblemCard error={error} onRetry={() => void refetch()} />;
  return (
    <Card title="Users" foot={users === undefined ? undefined : countWords(users.length)}>
      {users === undefined ? (
        <SkeletonRows count={5} />
      ) : (
        <UsersTable users={users} sessions={sessions} onLinked={onLinked} />
      )}
    </Card>
  );
}

function countWords(count: number): string {
  return `${count} ${count === 1 ? 'user' : 'users'}. Revoked users stay listed, so that the audit log can be read.`;
}
