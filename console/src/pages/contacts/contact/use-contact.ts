/** Everything that the contact page shows, read in one call. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import { callPages } from '../../../api/call-pages.ts';
import type { AnswerOf } from '../../../api/operation-types.ts';
import type { PageEntries } from '../../../api/page-entries.ts';
import { tokensQuery } from '../../../parts/use-lookers.ts';
import { useMay } from '../../../session/session-context.tsx';

export type Explanation = AnswerOf<'POST /admin/v1/contacts/explain'>;
export type ExplainedField = Explanation['fields'][number];
export type Field = PageEntries['GET /admin/v1/fields'];
export type Token = PageEntries['GET /admin/v1/tokens'];

interface ContactParts {
  readonly id: string;
  /** Explains what a look-up with this token answers, too. */
  readonly token: string | undefined;
  /** Whether the token is known by now. */
  readonly isReady: boolean;
}

/** Each call is noted in the log of looks: one for each visit, and nothing asks again by itself. */
export function useContact({ id, token, isReady }: ContactParts) {
  return useQuery<Explanation, ApiProblem>({
    queryKey: ['contact', id, token ?? ''],
    queryFn: ({ signal }) =>
      call(
        'POST /admin/v1/contacts/explain',
        { body: { identity: `id:${id}`, ...(token === undefined ? {} : { token }) } },
        signal,
      ),
    enabled: isReady,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: keptMs,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    placeholderData: (previous, query) =>
      query?.queryKey[1] === id ? keepPreviousData(previous) : undefined,
  });
}

/** Values of people stay in memory no longer than this after the page was left. */
const keptMs = 60_000;

/** The settings of the fields by name. Empty until they are read, or without the right to them. */
export function useFields(): ReadonlyMap<string, Field> {
  const seesFields = useMay('fields:read');
  const { data } = useQuery<readonly Field[]>({
    queryKey: ['fields', 'all'],
    queryFn: ({ signal }) => callPages('GET /admin/v1/fields', signal),
    enabled: seesFields,
    staleTime: keptMs,
  });
  return new Map(data?.map((field) => [field.name, field]));
}

/**
 * The tokens that look-ups are made with. Empty without the right to see them; `undefined`: they
 * are not read yet.
 */
export function useTokens(): readonly Token[] | undefined {
  const seesTokens = useMay('tokens:read');
  const { data, isError } = useQuery<readonly Token[]>({ ...tokensQuery, enabled: seesTokens });
  if (data === undefined) return isError || !seesTokens ? [] : undefined;
  return data.filter(({ state, scopes }) => state === 'live' && scopes.includes('contacts:read'));
}
