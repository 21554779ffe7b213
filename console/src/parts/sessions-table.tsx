/** Sessions of users: the browser, the place, and when it was last used. */
import { Button } from '@mantine/core';
import { useFormats, useNow } from '../format/use-formats.ts';
import { wordOf } from '../format/word-of.ts';
import { Badge } from './badge.tsx';
import { BreakingText } from './breaking-text.tsx';
import { ExactTime } from './exact-time.tsx';
import table from './plain-table.module.css';

export interface ShownSession {
  readonly id: string;
  readonly method: 'password' | 'link' | 'oidc' | 'demo';
  readonly address: string;
  readonly user_agent: string;
  readonly created_at: string;
  readonly last_seen_at: string;
  /** Whose it is. Missing in a list of one's own sessions. */
  readonly email?: string;
  readonly is_current?: boolean;
}

interface SessionsParts {
  readonly label: string;
  readonly sessions: readonly ShownSession[];
  /** Missing: the user may not end sessions. */
  readonly onEnd?: ((session: ShownSession) => void) | undefined;
}

export function SessionsTable({ label, sessions, onEnd }: SessionsParts) {
  return (
    <table className={table.table} aria-label={label}>
      <thead>
        <tr>
          <th scope="col">Session</th>
          <th scope="col" className={table.folds}>
            From
          </th>
          <th scope="col" className={table.folds}>
            Signed in
          </th>
          <th scope="col">Last seen</th>
          {onEnd !== undefined && (
            <th scope="col" className={table.actions}>
              End
            </th>
          )}
        </tr>
      </thead>
      <tbody>
        {sessions.map((session) => (
          <SessionRow session={session} key={session.id} onEnd={onEnd} />
        ))}
      </tbody>
    </table>
  );
}

function SessionRow({
  session,
  onEnd,
}: {
  readonly session: ShownSession;
  readonly onEnd: SessionsParts['onEnd'];
}) {
  const { email, address, method, created_at, last_seen_at } = session;
  const isCurrent = session.is_current === true;
  const browser = browserName(session.user_agent);
  const way = wordOf(methodWords, method);
  return (
    <tr>
      <td>
        <span className={table.name}>
          <BreakingText text={email ?? browser} />
        </span>
        {isCurrent && (
          <>
            {' '}
            <Badge tone="good">This session</Badge>
          </>
        )}
        <span className={table.second}>{email === undefined ? way : `${browser}, ${way}`}</span>
      </td>
      <td className={table.folds}>
        <code>{address}</code>
      </td>
      <td className={table.folds}>
        <Time time={created_at} />
      </td>
      <td>
        <Time time={last_seen_at} />
      </td>
      {onEnd !== undefined && (
        <td className={table.actions}>
          {!isCurrent && (
            <Button
              aria-label={`End the session of ${email ?? browser}`}
              onClick={() => onEnd(session)}
            >
              End
            </Button>
          )}
        </td>
      )}
    </tr>
  );
}

function Time({ time }: { readonly time: string }) {
  const formats = useFormats();
  const nowMs = useNow();
  return <ExactTime time={time}>{formats.when(time, nowMs)}</ExactTime>;
}

const methodWords: Readonly<Record<ShownSession['method'], string>> = {
  password: 'by password',
  link: 'by a link',
  oidc: 'by OpenID Connect',
  demo: 'by the link of the demo',
};

/** The first that is found counts: Edge also calls itself Chrome, and Chrome Safari. */
const browsers = [
  ['Edg/', 'Edge'],
  ['OPR/', 'Opera'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const;

/** Android also calls itself Linux, and an iPhone Mac OS. */
const systems = [
  ['Windows', 'Windows'],
  ['Android', 'Android'],
  ['iPhone', 'iPhone'],
  ['iPad', 'iPad'],
  ['Mac OS', 'macOS'],
  ['Linux', 'Linux'],
] as const;

function browserName(userAgent: string): string {
  const find = (names: readonly (readonly [sign: string, name: string])[]) =>
    names.find(([sign]) => userAgent.includes(sign))?.[1];
  const browser = find(browsers) ?? 'A browser';
  const system = find(systems);
  return system === undefined ? browser : `${browser} on ${system}`;
}
