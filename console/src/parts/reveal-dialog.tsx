/** Asks why a masked value is needed, and reveals it. The reason goes into the log of looks. */

import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { call } from '../api/call.ts';
import type { AnswerOf } from '../api/operation-types.ts';
import styles from './dialog.module.css';
import { Form } from './form.tsx';
import { ProblemCard } from './problem-card.tsx';
import { type RevealReason, reasonWords } from './reveal-reasons.ts';

type Revealed = AnswerOf<'POST /admin/v1/contacts/reveal'>;

interface RevealParts {
  readonly contactId: string;
  readonly field: string;
  readonly onReveal: (value: string) => void;
  readonly onClose: () => void;
}

/** Reasons come from a list: free words beside a person could name them. */
const reasons = Object.entries(reasonWords).map(([value, label]) => ({ value, label }));

/** As the server takes it: free words could name a person. */
const ticketForm = /^(?:[A-Za-z]{1,8}-?)?[0-9]{1,12}(?:-[0-9]{1,12})?$/;

export function RevealDialog({ contactId, field, onReveal, onClose }: RevealParts) {
  const [reason, setReason] = useState<RevealReason | null>(null);
  const [ticket, setTicket] = useState('');
  const typed = ticket.trim();
  const isTicket = typed === '' || ticketForm.test(typed);
  const reveal = useMutation<Revealed, ApiProblem, RevealReason>({
    mutationFn: (why) =>
      call('POST /admin/v1/contacts/reveal', {
        body: {
          ...{ identity: `id:${contactId}`, field, reason: why },
          ...(typed === '' ? {} : { ticket: typed }),
        },
      }),
    onSuccess: ({ value }) => onReveal(typeof value === 'string' ? value : JSON.stringify(value)),
    // The value must not stay in memory with the mutation.
    gcTime: 0,
  });
  const submit = () => {
    if (reason !== null && isTicket) reveal.mutate(reason);
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={`Reveal ${field}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Form className={styles.form} onSubmit={submit}>
        <p className={styles.words}>
          It shows for 60 seconds. The access log keeps your name, the time and this reason.
        </p>
        <Select
          label="Reason"
          placeholder="Choose one"
          data={reasons}
          value={reason}
          data-autofocus
          onChange={(next) => setReason(next as RevealReason | null)}
        />
        <TextInput
          label="Ticket (optional)"
          description="A number, such as CASE-48797"
          value={ticket}
          error={isTicket ? undefined : 'Only a number, with up to 8 letters in front.'}
          onChange={(event) => setTicket(event.currentTarget.value)}
        />
        {reveal.error !== null && <ProblemCard error={reveal.error} />}
        <div className={styles.buttons}>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="filled"
            disabled={reason === null || !isTicket}
            loading={reveal.isPending}
          >
            Reveal
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
