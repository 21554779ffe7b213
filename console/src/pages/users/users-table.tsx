/** The users with role, state, last use and ways to sign in. */
import { useFormats, useNow } from '../../format/use-formats.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { BreakingText } from '../../parts/breaking-text.tsx';
import { ExactTime } from '../../parts/exact-time.tsx';
import { type FoldColumn, FoldTable } from '../../parts/fold-table.tsx';
import table from '../../parts/plain-table.module.css';
import { useMay, useSession } from '../../session/session-context.tsx';
import type { Linked } from './link-dialog.tsx';
import type { User, UserSession } from './use-users.ts';
import { UserActions } from './user-actions.tsx';

interface UsersTableParts {
  readonly users: readonly User[];
  readonly sessions: readonly UserSession[];
  readonly onLinked: (linked: Linked) => void;
}

export function UsersTable({ users, sessions, onLinked }: UsersTableParts) {
  const mayWrite = useMay('users:write');
  const byUser = Map.groupBy(sessions, ({ user_id }) => user_id);
  const sessionsOf = ({ id }: User) => byUser.get(id) ?? [];
  const columns: readonly FoldColumn<User>[] = [
    { id: 'user', head: 'User', cell: (user) => <UserName user={user} /> },
    { id: 'role', head: 'Role', folds: true, cell: ({ role }) => role },
    {
      ...{ id: 'state', head: 'State' },
      cell: (user) => <State user={user} />,
    },
    {
      ...{ id: 'seen', head: 'Last seen', folds: true },
      cell: (user) => <LastSeen user={user} sessions={sessionsOf(user)} />,
    },
    { id: 'ways', head: 'Signs in with', folds: true, cell: ways },
    ...(mayWrite
      ? [
          {
            ...{ id: 'change', head: 'Change', isAction: true },
            cell: (user: User) => (
              <Change user={user} sessions={sessionsOf(user).length} onLinked={onLinked} />
            ),
          },
        ]
      : []),
  ];
  return <FoldTable label="Users" columns={columns} entries={users} keyOf={({ id }) => id} />;
}

function UserName({ user: { name, email } }: { readonly user: User }) {
  return (
    <>
      <span className={table.name}>
        <BreakingText text={name} />
      </span>
      {name !== email && (
        <span className={table.second}>
          <BreakingText text={email} />
        </span>
      )}
    </>
  );
}

function Change({
  user,
  sessions,
  onLinked,
}: {
  readonly user: User;
  readonly sessions: number;
  readonly onLinked: (linked: Linked) => void;
}) {
  const own = useSession().user.id;
  if (user.id === own) return <Badge tone="outline">you</Badge>;
  if (user.state === 'revoked') return null;
  return <UserActions user={user} sessions={sessions} onLinked={onLinked} />;
}

/** A user whose groups give no role stays in the list, but cannot sign in. */
function State({ user: { state, role_lost_at } }: { readonly user: User }) {
  const formats = useFormats();
  const nowMs = useNow();
  if (role_lost_at === null) return <Badge tone={tones[state] ?? 'quiet'}>{state}</Badge>;
  return (
    <>
      <Badge tone="decide">no role from its groups</Badge>
      <span className={table.second}>
        since <ExactTime time={role_lost_at}>{formats.whenInText(role_lost_at, nowMs)}</ExactTime>
      </span>
    </>
  );
}

const tones: Readonly<Record<string, Tone>> = {
  active: 'good',
  invited: 'decide',
  revoked: 'quiet',
};

function LastSeen({
  user: { last_sign_in_at },
  sessions,
}: {
  readonly user: User;
  readonly sessions: readonly UserSession[];
}) {
  const formats = useFormats();
  const nowMs = useNow();
  const seen = sessions.map(({ last_seen_at }) => last_seen_at);
  // Times of RFC 3339 in one zone sort as texts.
  const time = [...seen, ...(last_sign_in_at === null ? [] : [last_sign_in_at])].toSorted().at(-1);
  if (time === undefined) return <span className={table.third}>never</span>;
  return <ExactTime time={time}>{formats.when(time, nowMs)}</ExactTime>;
}

function ways({ has_password, has_totp, has_oidc, state }: User): string {
  if (state === 'revoked') return 'nothing';
  const names = [
    ...(has_password ? [has_totp ? 'password and code' : 'password'] : []),
    ...(has_oidc ? ['OpenID Connect'] : []),
  ];
  return names.length === 0 ? 'a link' : names.join(', ');
}
