/** Chooses the contact of a log by any identity. Only the id of the contact is in the address. */
import { ActionIcon, Button, TextInput, UnstyledButton } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import type { AnswerOf } from '../../api/operation-types.ts';
import { announce } from '../../parts/announcer.tsx';
import { Card } from '../../parts/card.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import styles from '../../parts/filters.module.css';
import { IdentityChip } from '../../parts/identity-chip.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';

type Found = AnswerOf<'POST /admin/v1/contacts/search'>;
type Candidate = Found['candidates'][number];

interface ContactFilterParts {
  /** The id of the chosen contact. */
  readonly contact: string | undefined;
  readonly onContact: (id: string | undefined) => void;
}

export function ContactFilter({ contact, onContact }: ContactFilterParts) {
  if (contact === undefined) return <ContactSearch onContact={onContact} />;
  return <Chosen contact={contact} onClear={() => onContact(undefined)} />;
}

function ContactSearch({ onContact }: Pick<ContactFilterParts, 'onContact'>) {
  const client = useQueryClient();
  const [query, setQuery] = useState('');
  const choose = ({ contact_id: id, display_name: name }: Candidate) => {
    if (id === null) return;
    if (name !== null) client.setQueryData(nameKey(id), name);
    onContact(id);
  };
  const search = useMutation<Found, ApiProblem, string>({
    mutationFn: (text) => call('POST /admin/v1/contacts/search', { body: { query: text } }),
    onSuccess: ({ candidates }) => {
      const [only] = candidates;
      if (only !== undefined && candidates.length === 1) choose(only);
      else announce(`${candidates.length} contacts found`);
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (query.trim() !== '') search.mutate(query.trim());
  };
  const candidates = search.data?.candidates;
  return (
    <>
      <search className={styles.filters} aria-label="Whom they looked at">
        <form className={`${styles.form} ${styles.wide}`} onSubmit={submit}>
          <TextInput
            label="Contact"
            placeholder="Any identity, such as tom@hello.com"
            leftSection={<IconSearch size={17} stroke={1.6} aria-hidden />}
            value={query}
            data-filter
            autoComplete="off"
            spellCheck={false}
            maxLength={1_024}
            onChange={(event) => setQuery(event.currentTarget.value)}
          />
          <Button type="submit" loading={search.isPending}>
            Find
          </Button>
        </form>
      </search>
      {search.error !== null && <ProblemCard error={search.error} />}
      {candidates !== undefined && candidates.length !== 1 && (
        <div className={styles.found}>
          <Candidates candidates={candidates} onChoose={choose} />
        </div>
      )}
    </>
  );
}

function Candidates({
  candidates,
  onChoose,
}: {
  readonly candidates: readonly Candidate[];
  readonly onChoose: (candidate: Candidate) => void;
}) {
  return (
    <Card title="Contacts found" note={String(candidates.length)}>
      {candidates.length === 0 && (
        <EmptyState title="Nobody has this identity">
          Check the spelling, or write the type in front, such as customer_key:25990.
        </EmptyState>
      )}
      {candidates.map((candidate) => (
        <UnstyledButton
          className={styles.candidate}
          key={candidate.contact_id ?? candidate.matched_identity}
          onClick={() => onChoose(candidate)}
        >
          <strong>{candidate.display_name ?? 'A contact'}</strong>
          {candidate.identities.slice(0, maxChips).map((identity, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: masked identities may be alike
            <IdentityChip identity={identity} key={place} />
          ))}
        </UnstyledButton>
      ))}
    </Card>
  );
}

const maxChips = 3;

function Chosen({ contact, onClear }: { readonly contact: string; readonly onClear: () => void }) {
  const name = useQueryClient().getQueryData<string>(nameKey(contact));
  return (
    <div className={styles.filters}>
      <div className={styles.wide}>
        <span className={styles.chosen}>
          <Link to="/contacts/$id" params={{ id: contact }}>
            {name ?? `Contact ${contact.slice(0, shownCharacters)}`}
          </Link>
          <ActionIcon size={24} w={24} h={24} aria-label="Looks at anybody" onClick={onClear}>
            <IconX size={16} stroke={1.6} aria-hidden />
          </ActionIcon>
        </span>
      </div>
    </div>
  );
}

/** As many of the id as the head of the contact's page shows. */
const shownCharacters = 13;

/** Names stay in memory alone: a name that was not searched here is shown as its id. */
function nameKey(id: string): readonly string[] {
  return ['contact-name', id];
}
