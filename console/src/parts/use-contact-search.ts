/**
 * Finds contacts by any identity. The type is guessed, said and correctable. What was typed stays
 * out of the address.
 */
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { call } from '../api/call.ts';
import type { AnswerOf } from '../api/operation-types.ts';
import { announce } from './announcer.tsx';

export type Found = AnswerOf<'POST /admin/v1/contacts/search'>;
export type Candidate = Found['candidates'][number];

interface Asked {
  readonly query: string;
  /** `undefined`: guessed. */
  readonly type: string | undefined;
}

export interface ContactSearch {
  readonly query: string;
  /** `undefined`: nothing was searched since the text was changed by `onQuery`. */
  readonly found: Found | undefined;
  readonly error: ApiProblem | null;
  readonly isPending: boolean;
  readonly onQuery: (query: string) => void;
  readonly onSubmit: () => void;
  /** Searches the same text as another type. */
  readonly onType: (type: string) => void;
  readonly onRetry: () => void;
  /** Forgets what was found. */
  readonly reset: () => void;
}

/** @param onFound called with each answer, also with one that found nobody */
export function useContactSearch(onFound?: (found: Found) => void): ContactSearch {
  const [query, setQuery] = useState('');
  const { data, error, isPending, variables, mutate, reset } = useMutation<
    Found,
    ApiProblem,
    Asked
  >({
    mutationFn: ({ query: text, type }) =>
      call('POST /admin/v1/contacts/search', {
        body: { query: text, ...(type === undefined ? {} : { type }) },
      }),
    onSuccess: (found) => {
      announce(foundWords(found.candidates.length));
      onFound?.(found);
    },
  });
  return {
    ...{ query, error, isPending, reset },
    found: data,
    onQuery: setQuery,
    onSubmit: () => {
      const text = query.trim();
      if (text !== '') mutate({ query: text, type: undefined });
    },
    onType: (type) => mutate({ query: variables?.query ?? query.trim(), type }),
    onRetry: () => variables !== undefined && mutate(variables),
  };
}

function foundWords(count: number): string {
  if (count === 0) return 'Nobody has this identity';
  return count === 1 ? 'One contact found' : `${count} contacts found`;
}
