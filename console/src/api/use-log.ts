/** A log that is read page by page, the newest first. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { LogPages } from '../parts/log-card.tsx';
import type { ApiProblem } from './api-problem.ts';
import type { Page } from './operation-types.ts';

interface Cursor {
  readonly cursor?: string;
}

export function useLog<Entry>(
  key: readonly unknown[],
  read: (cursor: Cursor, signal: AbortSignal) => Promise<Page<Entry>>,
): LogPages<Entry> {
  const query = useInfiniteQuery<
    Page<Entry>,
    ApiProblem,
    { readonly pages: readonly Page<Entry>[] },
    readonly unknown[],
    string | undefined
  >({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      read(pageParam === undefined ? {} : { cursor: pageParam }, signal),
    initialPageParam: undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  const { data } = query;
  const entries = useMemo(() => data?.pages.flatMap((page) => page.data), [data]);
  return {
    entries,
    error: query.error,
    hasMore: query.hasNextPage,
    isReading: query.isFetchingNextPage,
    onMore: () => void query.fetchNextPage(),
    onRetry: () => void query.refetch(),
  };
}
