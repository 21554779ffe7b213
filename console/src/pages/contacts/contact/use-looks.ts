/** Who looked at a contact, the newest first, with the names of users and tokens. */
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import { callPages } from '../../../api/call-pages.ts';
import type { Page } from '../../../api/operation-types.ts';
import type { PageEntries } from '../../../api/page-entries.ts';
import { useMay } from '../../../session/session-context.tsx';
import { type Token, tokensQuery } from './use-contact.ts';

export type Look = PageEntries['GET /admin/v1/access-log'];
type User = PageEntries['GET /admin/v1/users'];

/** @param id of the contact; the address holds no identity */
export function useLooks(id: string) {
  const seesLooks = useMay('access:read');
  return useInfiniteQuery({
    queryKey: ['looks', id],
    queryFn: ({ pageParam, signal }): Promise<Page<Look>> => {
      const more = pageParam === undefined ? {} : { cursor: pageParam };
      const query = { contact: `id:${id}`, ...more };
      return call('GET /admin/v1/access-log', { query }, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    enabled: seesLooks,
  });
}

export interface Looker {
  readonly isPerson: boolean;
  readonly name: string;
  /** The end of a token, or the role of a user. */
  readonly note: string;
}

/** Names an actor such as `token:4fK2mXw9Q1zT`. Without the right to names it stays as it is. */
export function useLookers(): (actor: string) => Looker {
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
  return (actor) => lookerOf(actor, { users: users ?? [], tokens: tokens ?? [] });
}

const keptMs = 60_000;

function lookerOf(
  actor: string,
  known: { readonly users: readonly User[]; readonly tokens: readonly Token[] },
): Looker {
  const [kind, id = ''] = actor.split(':');
  if (kind === 'user') {
    const user = known.users.find((one) => one.id === id);
    return { isPerson: true, name: user?.name ?? `user ${id}`, note: user?.role ?? '' };
  }
  const token = known.tokens.find((one) => one.id === id);
  const note = token === undefined ? '' : `…${token.last_characters}`;
  return { isPerson: false, name: token?.name ?? token?.created_by ?? `token ${id}`, note };
}
