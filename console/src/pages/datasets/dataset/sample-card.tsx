/** A few contacts that have a row in the dataset, with the values that the user's role sees. */
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import type { Page } from '../../../api/operation-types.ts';
import type { PageEntries } from '../../../api/page-entries.ts';
import { Card } from '../../../parts/card.tsx';
import { EmptyState } from '../../../parts/empty-state.tsx';
import { FieldValue } from '../../../parts/field-value.tsx';
import { type FoldColumn, FoldTable } from '../../../parts/fold-table.tsx';
import { contactWords } from '../../../parts/identity-chip.tsx';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import { SkeletonRows } from '../../../parts/skeleton.tsx';
import { useFields } from '../../fields/use-fields.ts';
import styles from './dataset.module.css';
import { useDefinition } from './use-definition.ts';

type Contact = PageEntries['GET /admin/v1/contacts'];

export function SampleCard({ name }: { readonly name: string }) {
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useSample(name);
  const contacts = data?.pages.flatMap((page) => page.data) ?? [];
  const [first] = contacts;
  // More of the same would show no value, and be a look at each contact.
  const isShown = first === undefined || Object.keys(first.values).length > 0;
  const isEmpty = data !== undefined && contacts.length === 0 && !hasNextPage;
  return (
    <Card
      title="Sample"
      note="the first contacts that have a row"
      foot="Each contact that is shown here is noted in the access log as a look of yours."
    >
      {error !== null && <ProblemCard error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <SkeletonRows count={5} />}
      {isEmpty && (
        <EmptyState title="No contact has a row yet">
          After the first run, a few of its contacts are shown here.
        </EmptyState>
      )}
      {contacts.length > 0 && <Contacts name={name} contacts={contacts} />}
      {hasNextPage && isShown && (
        <p className={styles.version}>
          <Button loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {contacts.length === 0 ? 'Search on' : 'Show more'}
          </Button>
        </p>
      )}
    </Card>
  );
}

/** Read once: each page is a look at its contacts. */
function useSample(name: string) {
  return useInfiniteQuery<Page<Contact>, ApiProblem>({
    queryKey: ['sample', name],
    queryFn: ({ pageParam, signal }) => {
      const cursor = typeof pageParam === 'string' ? { cursor: pageParam } : {};
      const query = { dataset: name, limit: 10, ...cursor };
      return call('GET /admin/v1/contacts', { query }, signal);
    },
    initialPageParam: undefined,
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** More would not fit beside each other; the page of the contact has all of them. */
const maxColumns = 5;

function Contacts({
  name: dataset,
  contacts,
}: {
  readonly name: string;
  readonly contacts: readonly Contact[];
}) {
  const { data: fields = [] } = useFields();
  const { data } = useDefinition(dataset);
  const seen = Object.keys(contacts[0]?.values ?? {});
  const byName = new Map(fields.map((field) => [field.name, field]));
  const all = Object.keys(data?.definition?.fields ?? {});
  if (seen.length === 0) {
    return (
      <EmptyState title="No field of this dataset is shown to your role">
        Not content, or masked for your role: {all.join(', ')}.{' '}
        <Link to="/fields" search={{ dataset }}>
          How sensitive the fields are
        </Link>
      </EmptyState>
    );
  }
  const columns: readonly FoldColumn<Contact>[] = [
    { id: '', head: 'Contact', cell: (contact) => <ContactLink contact={contact} /> },
    ...seen.slice(0, maxColumns).map((name, place) => ({
      ...{ id: name, head: name, folds: place > 0 },
      cell: ({ values }: Contact) => <FieldValue value={values[name]} field={byName.get(name)} />,
    })),
  ];
  return (
    <>
      <FoldTable
        columns={columns}
        entries={contacts}
        keyOf={({ contact_id: id }, place) => id ?? String(place)}
      />
      <LeftOut
        unseen={all.filter((field) => !seen.includes(field))}
        more={seen.slice(maxColumns)}
      />
    </>
  );
}

function ContactLink({ contact: { contact_id: id, identities } }: { readonly contact: Contact }) {
  const [identity] = identities;
  const words = contactWords({ id, identity });
  if (id === null) return words;
  return (
    <Link to="/contacts/$id" params={{ id }}>
      {words}
    </Link>
  );
}

interface LeftOutFields {
  /** Fields that are no content, or that the role does not see. */
  readonly unseen: readonly string[];
  readonly more: readonly string[];
}

function LeftOut({ unseen, more }: LeftOutFields) {
  if (unseen.length === 0 && more.length === 0) return null;
  const sentences = [
    ...(more.length > 0 ? [`On the contact's page: ${more.join(', ')}.`] : []),
    ...(unseen.length > 0 ? [`Not content, or masked for your role: ${unseen.join(', ')}.`] : []),
  ];
  return <p className={styles.version}>{sentences.join(' ')}</p>;
}
