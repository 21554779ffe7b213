/** Who is it? Finds a contact by any identity. What was typed stays out of the address. */
import { Button, Select, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, lazy, Suspense, useEffect, useRef, useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { announce } from '../../parts/announcer.tsx';
import { Card } from '../../parts/card.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { useOverview } from '../../parts/use-overview.ts';
import { CandidateList, type Found } from './candidate-list.tsx';
import styles from './contacts-page.module.css';
import { SearchHints } from './search-hints.tsx';

interface Asked {
  readonly query: string;
  /** `undefined`: guessed. */
  readonly type: string | undefined;
}

/** Needed only until the first contact has come. */
const NoContacts = lazy(async () => ({ default: (await import('./no-contacts.tsx')).NoContacts }));

export function ContactsPage() {
  const { data } = useOverview();
  const isEmpty = data?.datasets.every(({ contacts }) => contacts === 0) === true;
  if (!isEmpty) return <Search />;
  return (
    <>
      <PageHead
        title="Contacts"
        facts="Nobody yet. A contact appears with the first row that names one."
      />
      <Suspense fallback={<SkeletonRows count={4} />}>
        <NoContacts />
      </Suspense>
    </>
  );
}

function Search() {
  const [query, setQuery] = useState('');
  const search = useMutation<Found, ApiProblem, Asked>({
    mutationFn: ({ query: text, type }) =>
      call('POST /admin/v1/contacts/search', {
        body: { query: text, ...(type === undefined ? {} : { type }) },
      }),
    onSuccess: ({ candidates }) => announce(foundWords(candidates.length)),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (query.trim() !== '') search.mutate({ query: query.trim(), type: undefined });
  };
  const { data, error, isPending, variables } = search;
  return (
    <>
      <PageHead
        title="Contacts"
        facts="Any identity: an e-mail, a phone number, a customer number."
      />
      <search>
        <form className={styles.search} onSubmit={submit}>
          <SearchField query={query} onChange={setQuery} />
          <Button type="submit" variant="filled" loading={isPending}>
            Search
          </Button>
        </form>
      </search>
      {data !== undefined && (
        <TypeLine
          found={data}
          onType={(type) => search.mutate({ query: variables?.query ?? query, type })}
        />
      )}
      {error !== null && (
        <ProblemCard
          error={error}
          onRetry={() => variables !== undefined && search.mutate(variables)}
        />
      )}
      {isPending && (
        <Card title="Contacts found">
          <SkeletonRows count={2} />
        </Card>
      )}
      {data !== undefined && !isPending && <CandidateList found={data} />}
      {data === undefined && error === null && !isPending && <SearchHints />}
    </>
  );
}

function SearchField({
  query,
  onChange,
}: {
  readonly query: string;
  readonly onChange: (query: string) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus({ preventScroll: true }), []);
  return (
    <TextInput
      ref={input}
      className={styles.field}
      aria-label="Find a contact"
      placeholder="tom@hello.com, +1 425 555 0142, customer_key:25990"
      leftSection={<IconSearch size={17} stroke={1.6} aria-hidden />}
      value={query}
      data-filter
      autoComplete="off"
      spellCheck={false}
      maxLength={1_024}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** How the text was read, and the way to correct it. */
function TypeLine({
  found: { type, is_guessed, alternatives },
  onType,
}: {
  readonly found: Found;
  readonly onType: (type: string) => void;
}) {
  if (type === null) return null;
  return (
    <div className={styles.type}>
      <span>{is_guessed ? 'Read as' : 'Searched as'}</span>
      <Select
        aria-label="The identity type of the text"
        w={180}
        data={[type, ...alternatives.filter((other) => other !== type)]}
        value={type}
        onChange={(next) => next !== null && next !== type && onType(next)}
      />
      {is_guessed && <span className={styles.third}>Choose another type if this is wrong.</span>}
    </div>
  );
}

function foundWords(count: number): string {
  if (count === 0) return 'Nobody has this identity';
  return count === 1 ? 'One contact found' : `${count} contacts found`;
}
