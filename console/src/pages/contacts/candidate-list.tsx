/** The contacts that a search found. */
import { IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { AnswerOf } from '../../api/operation-types.ts';
import { Avatar } from '../../parts/avatar.tsx';
import { Card } from '../../parts/card.tsx';
import { EmptyState } from '../../parts/empty-state.tsx';
import { IdentityChip } from '../../parts/identity-chip.tsx';
import styles from './contacts-page.module.css';

export type Found = AnswerOf<'POST /admin/v1/contacts/search'>;

type Candidate = Found['candidates'][number];

export function CandidateList({ found: { candidates, type } }: { readonly found: Found }) {
  if (candidates.length === 0) {
    return (
      <Card title="Contacts found">
        <EmptyState title="Nobody has this identity">
          {type === null
            ? 'The text fits no identity type. Write the type in front, such as customer_key:25990.'
            : 'Check the spelling, or choose another type.'}
        </EmptyState>
      </Card>
    );
  }
  return (
    <Card title="Contacts found" note={String(candidates.length)}>
      {candidates.map((candidate) => (
        <CandidateLine
          candidate={candidate}
          key={candidate.contact_id ?? candidate.matched_identity}
        />
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
        <p className={styles.matched}>found by {matched_type}</p>
        <div className={styles.chips}>
          {identities.slice(0, maxChips).map((identity, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: masked identities may be alike
            <IdentityChip identity={identity} key={place} />
          ))}
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

const maxChips = 4;
