/** Who looked at a contact, the newest first. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { call } from '../../../api/call.ts';
import type { Page } from '../../../api/operation-types.ts';
import type { Look } from '../../../parts/look-words.ts';
import { useMay } from '../../../session/session-context.tsx';

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
