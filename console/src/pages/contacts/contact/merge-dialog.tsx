/** Joins a contact with another one, which any of its identities finds. */

import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import styles from '../../../parts/dialog.module.css';
import { Form } from '../../../parts/form.tsx';
import {
  CandidateButton,
  candidateKey,
  NobodyFound,
  TypeLine,
} from '../../../parts/found-contacts.tsx';
import { ProblemCard } from '../../../parts/problem-card.tsx';
import {
  type Candidate,
  type ContactSearch,
  type Found,
  useContactSearch,
} from '../../../parts/use-contact-search.ts';
import type { Explanation } from './use-contact.ts';
import type { OfferUndo } from './use-undo-join.ts';

interface MergeParts {
  readonly contact: Explanation;
  readonly name: string;
  readonly onMerged: OfferUndo;
  readonly onClose: () => void;
}

export function MergeDialog({ contact: { contact_id }, name, onMerged, onClose }: MergeParts) {
  const client = useQueryClient();
  const [chosen, setChosen] = useState<Candidate>();
  const othersOf = ({ candidates }: Found) =>
    candidates.filter((one) => one.contact_id !== contact_id);
  const search = useContactSearch((found) => {
    const [only, ...more] = othersOf(found);
    setChosen(more.length === 0 ? only : undefined);
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
    search.onQuery(text);
    setChosen(undefined);
    search.reset();
    merge.reset();
  };
  const submit = () => {
    if (chosen === undefined) return search.onSubmit();
    merge.mutate(chosen);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Merge ${name} with another contact`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Form className={styles.form} onSubmit={submit}>
        <p className={styles.words}>
          Both become one contact at once, whatever the rows say. You can part them again under
          Identities.
        </p>
        <TextInput
          label="An identity of the other contact"
          placeholder="tom@hello.com, +1 425 555 0142, customer_key:25990"
          value={search.query}
          data-autofocus
          maxLength={1_024}
          onChange={(event) => change(event.currentTarget.value)}
        />
        {search.found !== undefined && (
          <Others
            found={search.found}
            others={othersOf(search.found)}
            onType={search.onType}
            {...{ chosen, onChoose: setChosen }}
          />
        )}
        {search.error !== null && <ProblemCard error={search.error} />}
        {merge.error !== null && <ProblemCard error={merge.error} />}
        <div className={styles.buttons}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="filled" loading={search.isPending || merge.isPending}>
            {chosen === undefined ? 'Find' : 'Merge'}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

interface OthersParts {
  readonly found: Found;
  readonly others: readonly Candidate[];
  readonly chosen: Candidate | undefined;
  readonly onType: ContactSearch['onType'];
  readonly onChoose: (other: Candidate) => void;
}

function Others({ found, others, chosen, onType, onChoose }: OthersParts) {
  if (others.length === 0) {
    return <NobodyFound title="Nobody else has this identity" found={found} onType={onType} />;
  }
  return (
    <div>
      <TypeLine found={found} onType={onType} />
      {others.map((other) => (
        <CandidateButton
          candidate={other}
          key={candidateKey(other)}
          isChosen={other === chosen}
          onChoose={onChoose}
        />
      ))}
    </div>
  );
}
