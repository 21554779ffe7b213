/** Joins a contact with another one, which an identity names. */
import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ApiProblem } from '../../../api/api-problem.ts';
import { call } from '../../../api/call.ts';
import styles from '../../../parts/dialog.module.css';
import { ProblemCard } from '../../../parts/problem-card.tsx';
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
  const [other, setOther] = useState('');
  const merge = useMutation<{ readonly entry: string }, ApiProblem>({
    mutationFn: () =>
      call('POST /admin/v1/contacts/merge', {
        body: { identities: [`id:${contact_id}`, other.trim()] },
      }),
    onSuccess: async ({ entry }) => {
      onMerged('Two contacts are one', { entry });
      await client.invalidateQueries({ queryKey: ['contact'] });
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (other.trim() !== '') merge.mutate();
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
          placeholder="email:tom@hello.com"
          value={other}
          data-autofocus
          onChange={(event) => setOther(event.currentTarget.value)}
        />
        {merge.error !== null && <ProblemCard error={merge.error} />}
        <div className={styles.buttons}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="filled" loading={merge.isPending}>
            Merge
          </Button>
        </div>
      </form>
    </Modal>
  );
}
