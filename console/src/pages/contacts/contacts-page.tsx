/** Who is it? Finds a contact by any identity. What was typed stays out of the address. */

import { Button, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { Card } from '../../parts/card.tsx';
import { Form } from '../../parts/form.tsx';
import { TypeLine } from '../../parts/found-contacts.tsx';
import { PageHead } from '../../parts/page-head.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { SkeletonRows } from '../../parts/skeleton.tsx';
import { useContactSearch } from '../../parts/use-contact-search.ts';
import { useOverview } from '../../parts/use-overview.ts';
import { CandidateList } from './candidate-list.tsx';
import styles from './contacts-page.module.css';
import { SearchHints } from './search-hints.tsx';

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
  const search = useContactSearch();
  const { query, found, error, isPending, onQuery, onSubmit, onType, onRetry } = search;
  return (
    <>
      <PageHead
        title="Contacts"
        facts="Any identity: an e-mail, a phone number, a customer number."
      />
      <search>
        <Form className={styles.search} onSubmit={onSubmit}>
          <SearchField query={query} onChange={onQuery} />
          <Button type="submit" variant="filled" loading={isPending}>
            Search
          </Button>
        </Form>
      </search>
      {found !== undefined && <TypeLine found={found} onType={onType} />}
      {error !== null && <ProblemCard error={error} onRetry={onRetry} />}
      {isPending && (
        <Card title="Contacts found">
          <SkeletonRows count={2} />
        </Card>
      )}
      {found !== undefined && !isPending && <CandidateList found={found} onType={onType} />}
      {found === undefined && error === null && !isPending && <SearchHints />}
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
