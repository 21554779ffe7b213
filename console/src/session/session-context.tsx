/** The session for all parts of the console that are shown to a user who is signed in. */

import type { PermissionName } from '@usher/contract/roles';
import { createContext, type ReactNode, useContext } from 'react';
import type { Session } from './session-shape.ts';

const SessionContext = createContext<Session | undefined>(undefined);

export function SessionProvider({
  session,
  children,
}: {
  readonly session: Session;
  readonly children: ReactNode;
}) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('used outside of a session');
  return session;
}

/** Whether the user's role has this permission. */
export function useMay(permission: PermissionName): boolean {
  return useSession().permissions.includes(permission);
}
