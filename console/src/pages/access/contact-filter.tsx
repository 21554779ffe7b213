/** Chooses the contact of a log by any identity. Only the id of the contact is in the address. */

import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Card } from '../../parts/card.tsx';
import styles from '../../parts/filters.module.css';
import { Form } from '../../parts/form.tsx';
import {
  CandidateButton,
  candidateKey,
  NobodyFound,
  TypeLine,
} from '../../parts/found-contacts.tsx';
import { subjectWords } from '../../parts/look-words.ts';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { type Candidate, useContactSearch } from '../../parts/use-contact-search.ts';

interface ContactFilterParts {
  /** The id of the chosen contact. */
  readonly contact: string | undefined;
  /** The digest of whom an entry names. */
  readonly subject: string | undefined;
  readonly onContact: (id: string | undefined) => void;
}

export function ContactFilter({ contact, subject, onContact }: ContactFilterParts) {
  if (contact === undefined && subject === undefined)
    return <ContactFinder onContact={onContact} />;
  return (
    <Chosen onClear={() => onContact(undefined)}>
      {contact !== undefined && <ChosenContact contact={contact} />}
      {subject !== undefined && <span>Looks at {subjectWords(subject)}</span>}
    </Chosen>
  );
}

function ContactFinder({ onContact }: Pick<ContactFilterParts, 'onContact'>) {
  const client = useQueryClient();
  const choose = ({ contact_id: id, display_name: name }: Candidate) => {
    if (id === null) return;
    if (name !== null) client.setQueryData(nameKey(id), name);
    onContact(id);
  };
  const { query, found, error, isPending, onQuery, onSubmit, onType } = useContactSearch(
    ({ candidates: [only, ...others] }) => {
      if (only !== undefined && others.length === 0) choose(only);
    },
  );
  return (
    <>
      <search className={styles.filters} aria-label="Whom they looked at">
        <Form className={`${styles.form} ${styles.wide}`} onSubmit={onSubmit}>
          <TextInput
            label="Contact"
            placeholder="Any identity, such as tom@hello.com"
            leftSection={<IconSearch size={17} stroke={1.6} aria-hidden />}
            value={query}
            data-filter
            autoComplete="off"
            spellCheck={false}
            maxLength={1_024}
            onChange={(event) => onQuery(event.currentTarget.value)}
          />
          <Button type="submit" loading={isPending}>
            Find
          </Button>
        </Form>
      </search>
      {error !== null && <ProblemCard error={error} />}
      {found !== undefined && found.candidates.length !== 1 && (
        <div className={styles.found}>
          <TypeLine found={found} onType={onType} />
          <Card title="Contacts found" note={String(found.candidates.length)}>
            {found.candidates.length === 0 && <NobodyFound found={found} onType={onType} />}
            {found.candidates.map((one) => (
              <CandidateButton candidate={one} key={candidateKey(one)} onChoose={choose} />
            ))}
          </Card>
        </div>
      )}
    </>
  );
}

function ChosenContact({ contact }: { readonly contact: string }) {
  const name = useQueryClient().getQueryData<string>(nameKey(contact));
  return (
    <Link to="/contacts/$id" params={{ id: contact }}>
      {name ?? `Contact ${contact.slice(0, shownCharacters)}`}
    </Link>
  );
}

function Chosen({
  onClear,
  children,
}: {
  readonly onClear: () => void;
  readonly children: ReactNode;
}) {
  return (
    <div className={styles.filters}>
      <div className={styles.wide}>
        <span className={styles.chosen}>
          {children}
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
