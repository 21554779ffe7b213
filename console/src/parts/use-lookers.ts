/** Who did something, by name: users and tokens. */
import { useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../api/api-problem.ts';
import { callPages } from '../api/call-pages.ts';
import type { PageEntries } from '../api/page-entries.ts';
import { useMay } from '../session/session-context.tsx';

type User = PageEntries['GET /admin/v1/users'];
export type Token = PageEntries['GET /admin/v1/tokens'];

interface KnownLookers {
  readonly users: readonly User[];
  readonly tokens: readonly Token[];
}

export interface Looker {
  readonly kind: 'operator' | 'user' | 'token' | 'other';
  /** Whether its name is known, not only its id. */
  readonly isKnown: boolean;
  readonly isPerson: boolean;
  readonly name: string;
  /**
   * The end of a token. No role of a user: it may have changed since what they did, and the logs do
   * not keep the one of then.
   */
  readonly note: string;
}

/** Names an actor such as `token:4fK2mXw9Q1zT`. Without the right to names it stays as it is. */
export function useLookers(): (actor: string) => Looker {
  const known = useKnownLookers();
  return (actor) => lookerOf(actor, known);
}

/** Empty until they are read, and without the right to them. */
export function useKnownLookers(): KnownLookers {
  const seesUsers = useMay('users:read');
  const seesTokens = useMay('tokens:read');
  const { data: users } = useQuery<readonly User[], ApiProblem>({
    queryKey: ['users', 'all'],
    queryFn: ({ signal }) => callPages('GET /admin/v1/users', signal),
    enabled: seesUsers,
    staleTime: keptMs,
  });
  const { data: tokens } = useQuery<readonly Token[], ApiProblem>({
    ...tokensQuery,
    enabled: seesTokens,
  });
  return { users: users ?? [], tokens: tokens ?? [] };
}

const keptMs = 60_000;

function lookerOf(actor: string, known: KnownLookers): Looker {
  const [kind = '', id = ''] = actor.split(/:(.*)/s);
  if (kind === 'operator') {
    return { kind, isKnown: true, isPerson: true, name: id, note: 'on the server' };
  }
  if (kind === 'user') {
    const user = known.users.find((one) => one.id === id);
    const name = user?.name ?? `user ${id}`;
    return { kind, isKnown: user !== undefined, isPerson: true, name, note: '' };
  }
  if (kind !== 'token') {
    return { kind: 'other', isKnown: true, isPerson: false, name: actor, note: '' };
  }
  const token = known.tokens.find((one) => one.id === id);
  const note = token === undefined ? '' : `…${token.last_characters}`;
  const name = token?.name ?? token?.created_by ?? `token ${id}`;
  return { kind, isKnown: token !== undefined, isPerson: false, name, note };
}

export const tokensQuery = {
  queryKey: ['tokens', 'all'],
  queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
    callPages('GET /admin/v1/tokens', signal),
  staleTime: keptMs,
};
