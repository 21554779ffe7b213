/** What a search for contacts found: how the text was read, whom it found, and the other types. */
import { Button, Select, UnstyledButton } from '@mantine/core';
import { EmptyState } from './empty-state.tsx';
import styles from './found-contacts.module.css';
import { IdentityChips } from './identity-chips.tsx';
import type { Candidate, ContactSearch, Found } from './use-contact-search.ts';

/** How the text was read, and the way to correct it. */
export function TypeLine({
  found: { type, is_guessed, alternatives },
  onType,
}: {
  readonly found: Found;
  readonly onType: ContactSearch['onType'];
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

/** Nobody was found: what was tried, and the types that are left to try. */
export function NobodyFound({
  found: { type, is_guessed, alternatives, lacks_country, read_as },
  title = 'Nobody has this identity',
  onType,
}: {
  readonly found: Found;
  readonly title?: string;
  readonly onType: ContactSearch['onType'];
}) {
  const others = alternatives.filter((other) => other !== type);
  const tried = is_guessed ? [type, ...others].join(', ') : type;
  return (
    <EmptyState title={title}>
      {type === null ? (
        <span>
          The text fits no identity type. Write the type in front, such as customer_key:25990.
        </span>
      ) : (
        <span>
          Searched as {tried}. Check the spelling
          {others.length > 0 && ', or search as one type alone'}.
        </span>
      )}
      {lacks_country && (
        <span>
          {read_as !== null && `A phone number was read as ${read_as}. `}
          Write the number with its country, such as +1 425 555 0142.
        </span>
      )}
      {others.length > 0 && (
        <div className={styles.others}>
          {others.slice(0, maxOthers).map((other) => (
            <Button key={other} onClick={() => onType(other)}>
              Search as {other}
            </Button>
          ))}
        </div>
      )}
    </EmptyState>
  );
}

const maxOthers = 5;

/** A contact to choose, in a list of buttons. */
export function CandidateButton({
  candidate,
  isChosen,
  onChoose,
}: {
  readonly candidate: Candidate;
  /** Missing: choosing it is the end of the list. */
  readonly isChosen?: boolean;
  readonly onChoose: (candidate: Candidate) => void;
}) {
  const { display_name, identities } = candidate;
  return (
    <UnstyledButton
      className={styles.candidate}
      aria-pressed={isChosen}
      onClick={() => onChoose(candidate)}
    >
      <strong>{display_name ?? 'No name'}</strong>
      <span className={styles.third}>{foundByWords(candidate)}</span>
      <IdentityChips identities={identities} most={3} />
    </UnstyledButton>
  );
}

/** By which identity, and as what a phone number without a country was read. */
export function foundByWords({
  matched_type,
  matched_identity,
  is_country_guessed,
}: Candidate): string {
  const words = `found by ${matched_type}`;
  if (!is_country_guessed) return words;
  return `${words}, read as ${matched_identity.slice(matched_type.length + 1)}`;
}

export function candidateKey({ contact_id, matched_identity }: Candidate): string {
  return contact_id ?? matched_identity;
}
