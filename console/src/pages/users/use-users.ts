/** The users of the organization and their sessions. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { callPages } from '../../api/call-pages.ts';
import type { PageEntries } from '../../api/page-entries.ts';

export type User = PageEntries['GET /admin/v1/users'];
export type UserSession = PageEntries['GET /admin/v1/sessions'];

export function useUsers() {
  return useQuery<readonly User[], ApiProblem>({
    queryKey: ['users'],
    queryFn: ({ signal }) => callPages('GET /admin/v1/users', signal),
  });
}

export function useUserSessions() {
  return useQuery<readonly UserSession[], ApiProblem>({
    queryKey: ['user-sessions'],
    queryFn: ({ signal }) => callPages('GET /admin/v1/sessions', signal),
  });
}

/** Whether one of the texts has what somebody typed, in any case. */
export function isWanted(wanted: string, texts: readonly string[]): boolean {
  const part = wanted.trim().toLowerCase();
  return texts.some((text) => text.toLowerCase().includes(part));
}

/** Reads both lists again. */
export function useReadUsersAgain(): () => Promise<void> {
  const client = useQueryClient();
  return useCallback(async () => {
    await Promise.all([
      client.invalidateQueries({ queryKey: ['users'] }),
      client.invalidateQueries({ queryKey: ['user-sessions'] }),
    ]);
  }, [client]);
}
