/** Joins a contact with another one, which any of its identities finds. */
import { Button, Modal, TextInput, UnstyledButton } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import type { AnswerOf } from '../../../api/operation-types.ts';
import styles from '../../../parts/dialog.module.css';
import filters from '../../../parts/filters.module.css';
import { IdentityChip } from '../../../parts/identity-chip.tsx';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import type { Explanation } from './use-contact.ts';
import type { OfferUndo } from './use-undo-join.ts';

interface MergeParts {
  readonly contact: Explanation;
  readonly name: string;
  readonly onMerged: OfferUndo;
  readonly onClose: () => void;
}

type Candidate = AnswerOf<'POST /admin/v1/contacts/search'>['candidates'][number];

export function MergeDialog({ contact: { contact_id }, name, onMerged, onClose }: MergeParts) {
  const client = useQueryClient();
  const [query, setQuery] = useState('');
  const [chosen, setChosen] = useState<Candidate>();
  const search = useMutation<readonly Candidate[], ApiProblem, string>({
    mutationFn: async (text) => {
      const found = await call('POST /admin/v1/contacts/search', { body: { query: text } });
      return found.candidates.filter((one) => one.contact_id !== contact_id);
    },
    onSuccess: (others) => setChosen(others.length === 1 ? others[0] : undefined),
  });
  const merge = useMutation<{ readonly entry: string }, ApiProblem, Candidate>({
    mutationFn: (other) =>
      call('POST /admin/v1/contacts/merge', {
        body: { identities: [`id:${contact_id}`, `id:${other.contact_id}`] },
      }),
    onSuccess: async ({ entry }) => {
      onMerged('Two contacts are one', { entry });
      await client.invalidateQueries({ queryKey: ['contact'] });
      onClose();
    },
  });
  const change = (text: string) => {
    setQuery(text);
    setChosen(undefined);
    search.reset();
    merge.reset();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (chosen !== undefined) merge.mutate(chosen);
    else if (query.trim() !== '') search.mutate(query.trim());
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Merge ${name} with another contact`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form className={styles.form} onSubmit={submit}>
        <p className={styles.words}>
          Both become one contact at once, whatever the rows say. You can part them again under
          Identities.
        </p>
        <TextInput
          label="An identity of the other contact"
          placeholder="tom@hello.com, +1 425 555 0142, customer_key:25990"
          value={query}
          data-autofocus
          maxLength={1_024}
          onChange={(event) => change(event.currentTarget.value)}
        />
        {search.data !== undefined && (
          <Others others={search.data} chosen={chosen} onChoose={setChosen} />
        )}
        {search.error !== null && <ProblemCard error={search.error} />}
        {merge.error !== null && <ProblemCard error={merge.error} />}
        <div className={styles.buttons}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="filled" loading={search.isPending || merge.isPending}>
            {chosen === undefined ? 'Find' : 'Merge'}
          </Button>
        </div>
      </form>
    </Modal>
  );
}

interface OthersParts {
  readonly others: readonly Candidate[];
  readonly chosen: Candidate | undefined;
  readonly onChoose: (other: Candidate) => void;
}

function Others({ others, chosen, onChoose }: OthersParts) {
  if (others.length === 0) {
    return (
      <p className={styles.words}>
        Nobody else has this identity. Check the spelling, or write the type in front, such as
        customer_key:25990.
      </p>
    );
  }
  return others.map((other) => (
    <UnstyledButton
      className={filters.candidate}
      key={other.contact_id ?? other.matched_identity}
      aria-pressed={other === chosen}
      onClick={() => onChoose(other)}
    >
      <strong>{other.display_name ?? 'A contact'}</strong>
      {other.identities.slice(0, maxChips).map((identity, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: masked identities may be alike
        <IdentityChip identity={identity} key={place} />
      ))}
    </UnstyledButton>
  ));
}

const maxChips = 3;
