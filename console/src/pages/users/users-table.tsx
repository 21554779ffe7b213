/** The users with role, state, last use and ways to sign in. */
import { useFormats, useNow } from '../../format/use-formats.ts';
import { Badge, type Tone } from '../../parts/badge.tsx';
import { BreakingText } from '../../parts/breaking-text.tsx';
import { ExactTime } from '../../parts/exact-time.tsx';
import table from '../../parts/plain-table.module.css';
import { useMay, useSession } from '../../session/session-context.tsx';
import type { Linked } from './link-dialog.tsx';
import type { User, UserSession } from './use-users.ts';
import { UserActions } from './user-actions.tsx';
import styles from './users.module.css';

interface UsersTableParts {
  readonly users: readonly User[];
  readonly sessions: readonly UserSession[];
  readonly onLinked: (linked: Linked) => void;
}

export function UsersTable({ users, sessions, onLinked }: UsersTableParts) {
  const mayWrite = useMay('users:write');
  const byUser = Map.groupBy(sessions, ({ user_id }) => user_id);
  return (
    <table className={table.table} aria-label="Users">
      <thead>
        <tr>
          <th scope="col">User</th>
          <th scope="col" className={table.folds}>
            Role
          </th>
          <th scope="col">State</th>
          <th scope="col" className={table.folds}>
            Last seen
          </th>
          <th scope="col" className={table.folds}>
            Signs in with
          </th>
          {mayWrite && (
            <th scope="col" className={table.actions}>
              Change
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {users.map((user) => (
          <UserRow
            key={user.id}
            user={user}
            sessions={byUser.get(user.id) ?? []}
            onLinked={mayWrite ? onLinked : undefined}
          />
        ))}
      </tbody>
    </table>
  );
}

function UserRow({
  user,
  sessions,
  onLinked,
}: {
  readonly user: User;
  readonly sessions: readonly UserSession[];
  readonly onLinked: ((linked: Linked) => void) | undefined;
}) {
  const own = useSession().user.id;
  const { name, email, role, state } = user;
  return (
    <tr>
      <td>
        <span className={table.name}>
          <BreakingText text={name} />
        </span>
        {name !== email && (
          <span className={table.second}>
            <BreakingText text={email} />
          </span>
        )}
        <span className={`${table.second} ${styles.narrow}`}>{role}</span>
      </td>
      <td className={table.folds}>{role}</td>
      <td>
        <State user={user} />
      </td>
      <td className={table.folds}>
        <LastSeen user={user} sessions={sessions} />
      </td>
      <td className={table.folds}>{ways(user)}</td>
      {onLinked !== undefined && (
        <td className={table.actions}>
          {user.id === own ? (
            <Badge tone="outline">you</Badge>
          ) : (
            state !== 'revoked' && (
              <UserActions user={user} sessions={sessions.length} onLinked={onLinked} />
            )
          )}
        </td>
      )}
    </tr>
  );
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
        since{' '}
        <ExactTime time={role_lost_at}>
          {formats.when(role_lost_at, nowMs).replace(/^Today/, 'today')}
        </ExactTime>
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
