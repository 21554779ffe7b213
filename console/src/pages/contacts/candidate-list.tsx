/** The contacts that a search found. */
import { IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Avatar } from '../../parts/avatar.tsx';
import { Card } from '../../parts/card.tsx';
import { candidateKey, foundByWords, NobodyFound } from '../../parts/found-contacts.tsx';
import { IdentityChips } from '../../parts/identity-chips.tsx';
import type { Candidate, ContactSearch, Found } from '../../parts/use-contact-search.ts';
import styles from './contacts-page.module.css';

interface CandidatesParts {
  readonly found: Found;
  readonly onType: ContactSearch['onType'];
}

export function CandidateList({ found, onType }: CandidatesParts) {
  const { candidates } = found;
  if (candidates.length === 0) {
    return (
      <Card title="Contacts found">
        <NobodyFound found={found} onType={onType} />
      </Card>
    );
  }
  return (
    <Card title="Contacts found" note={String(candidates.length)}>
      {candidates.map((candidate) => (
        <CandidateLine candidate={candidate} key={candidateKey(candidate)} />
      ))}
    </Card>
  );
}

function CandidateLine({ candidate }: { readonly candidate: Candidate }) {
  const { contact_id, display_name, matched_type, identities } = candidate;
  const name = display_name ?? 'No name';
  const words = (
    <>
      <Avatar name={display_name ?? matched_type} size={36} />
      <div className={styles.who}>
        <p className={styles.name}>{name}</p>
        <p className={styles.matched}>{foundByWords(candidate)}</p>
        <div className={styles.chips}>
          <IdentityChips identities={identities} most={4} />
        </div>
      </div>
    </>
  );
  if (contact_id === null) return <div className={styles.candidate}>{words}</div>;
  return (
    <Link className={styles.candidate} to="/contacts/$id" params={{ id: contact_id }} data-row>
      {words}
      <IconChevronRight className={styles.open} size={17} stroke={1.6} aria-hidden />
    </Link>
  );
}
