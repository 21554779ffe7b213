/** Loads parts of the shell after the page itself, which needs none of them at first. */
import { useQuery } from '@tanstack/react-query';
import type { ComponentType } from 'react';

/**
 * As a query, so that it is asked again like any other when the server was away.
 * @param key names the part
 * @returns `undefined` until it is loaded. What was opened by then shows at once.
 */
export function useLate<Parts>(
  key: string,
  load: () => Promise<ComponentType<Parts>>,
): ComponentType<Parts> | undefined {
  const { data } = useQuery({
    queryKey: [key],
    queryFn: load,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  return data;
}
