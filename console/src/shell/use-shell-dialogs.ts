/** Loads the dialogs of the shell after the page itself, which needs none of them at first. */
import { useQuery } from '@tanstack/react-query';
import type { ComponentType } from 'react';
import type { DialogParts } from './shell-dialogs.tsx';

/**
 * As a query, so that it is asked again like any other when the server was away.
 * @returns `undefined` until they are loaded. A dialog that was opened by then shows at once.
 */
export function useShellDialogs(): ComponentType<DialogParts> | undefined {
  const { data } = useQuery({
    queryKey: ['shell-dialogs'],
    queryFn: async () => (await import('./shell-dialogs.tsx')).ShellDialogs,
    staleTime: Number.POSITIVE_INFINITY,
    structuralSharing: false,
  });
  return data;
}
