/** Who may use the console, with which role, and where are they signed in? */
import { Button, TextInput } from '@mantine/core';
import { useState } from 'react';
import { Card } from '../../parts/card.tsx';
import { NoMatch } from '../../parts/no-match.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { useMay } from '../../session/session-context.tsx';
import { InviteDialog } from './invite-dialog.tsx';
import { LinkDialog, type Linked } from './link-dialog.tsx';
import { SessionsCard } from './sessions-card.tsx';
import { isWanted, useUserSessions, useUsers } from './use-users.ts';
import styles from './users.module.css';
import { UsersTable } from './users-table.tsx';

export function UsersPage() {
  const mayWrite = useMay('users:write');
  const [isInviting, setInviting] = useState(false);
  const [linked, setLinked] = useState<Linked>();
  // Not in the address: it may be a person's e-mail.
  const [wanted, setWanted] = useState('');
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
        <UserFilter wanted={wanted} onChange={setWanted} />
        <UsersCard wanted={wanted} onClear={() => setWanted('')} onLinked={takeLink} />
        <SessionsCard wanted={wanted} />
      </div>
      {isInviting && <InviteDialog onInvited={takeLink} onClose={() => setInviting(false)} />}
      {linked !== undefined && <LinkDialog linked={linked} onKept={() => setLinked(undefined)} />}
    </>
  );
}

/** Absent while all users are in sight. */
function UserFilter({
  wanted,
  onChange,
}: {
  readonly wanted: string;
  readonly onChange: (wanted: string) => void;
}) {
  const { data: users = [] } = useUsers();
  if (users.length < fewestFiltered) return null;
  return (
    <TextInput
      type="search"
      label="Find a user"
      placeholder="Name, e-mail, role or state"
      maw={320}
      autoComplete="off"
      value={wanted}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

const fewestFiltered = 10;

function UsersCard({
  wanted,
  onClear,
  onLinked,
}: {
  readonly wanted: string;
  readonly onClear: () => void;
  readonly onLinked: (linked: Linked) => void;
}) {
  const { data: all, error, refetch } = useUsers();
  const users = all
    ?.filter(({ name, email, role, state }) => isWanted(wanted, [name, email, role, state]))
    .toSorted((one, other) => one.name.localeCompare(other.name));
  const { data: sessions = [] } = useUserSessions();
  if (error !== null) return <ProblemCard error={error} onRetry={() => void refetch()} />;
  return (
    <Card title="Users" foot={all === undefined ? undefined : countWords(all.length)}>
      {users === undefined && <SkeletonRows count={5} />}
      {users?.length === 0 && <NoMatch title="Nobody matches" onClear={onClear} />}
      {users !== undefined && users.length > 0 && (
        <UsersTable users={users} sessions={sessions} onLinked={onLinked} />
      )}
    </Card>
  );
}

function countWords(count: number): string {
  return `${count} ${count === 1 ? 'user' : 'users'}. Revoked users stay listed, so that the audit log can be read.`;
}
