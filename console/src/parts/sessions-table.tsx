/** Sessions of users: the browser, the place, and when it was last used. */
import { Button } from '@mantine/core';
import { useFormats, useNow } from '../format/use-formats.ts';
import { wordOf } from '../format/word-of.ts';
import { Badge } from './badge.tsx';
import { BreakingText } from './breaking-text.tsx';
import { ExactTime } from './exact-time.tsx';
import { type FoldColumn, FoldTable } from './fold-table.tsx';
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
  const columns: readonly FoldColumn<ShownSession>[] = [
    { id: 'session', head: 'Session', cell: (session) => <SessionName session={session} /> },
    {
      ...{ id: 'from', head: 'From', folds: true },
      cell: ({ address }) => <code>{address}</code>,
    },
    {
      ...{ id: 'since', head: 'Signed in', folds: true },
      cell: ({ created_at: at }) => <Time time={at} />,
    },
    { id: 'seen', head: 'Last seen', cell: ({ last_seen_at: at }) => <Time time={at} /> },
    ...(onEnd === undefined
      ? []
      : [
          {
            ...{ id: 'end', head: 'End', isAction: true },
            cell: (session: ShownSession) => <EndButton session={session} onEnd={onEnd} />,
          },
        ]),
  ];
  return <FoldTable label={label} columns={columns} entries={sessions} keyOf={({ id }) => id} />;
}

function SessionName({ session }: { readonly session: ShownSession }) {
  const { email, method, is_current: isCurrent } = session;
  const browser = browserName(session.user_agent);
  const way = wordOf(methodWords, method);
  return (
    <>
      <span className={table.name}>
        <BreakingText text={email ?? browser} />
      </span>
      {isCurrent === true && (
        <>
          {' '}
          <Badge tone="good">This session</Badge>
        </>
      )}
      <span className={table.second}>{email === undefined ? way : `${browser}, ${way}`}</span>
    </>
  );
}

function EndButton({
  session,
  onEnd,
}: {
  readonly session: ShownSession;
  readonly onEnd: (session: ShownSession) => void;
}) {
  if (session.is_current === true) return null;
  const name = session.email ?? browserName(session.user_agent);
  return (
    <Button aria-label={`End the session of ${name}`} onClick={() => onEnd(session)}>
      End
    </Button>
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
