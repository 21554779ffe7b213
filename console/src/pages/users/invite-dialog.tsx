/** Invites somebody: an e-mail, a name and a role. */

import { Button, Modal, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { RoleName } from '@usher/contract/roles';
import { useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { formFaults } from '../../api/problem-words.ts';
import styles from '../../parts/dialog.module.css';
import { Form, NeededText } from '../../parts/form.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import type { Linked } from './link-dialog.tsx';
import { RoleSelect } from './role-select.tsx';
import { useReadUsersAgain } from './use-users.ts';

interface InviteParts {
  readonly onInvited: (linked: Linked) => void;
  readonly onClose: () => void;
}

export function InviteDialog({ onInvited, onClose }: InviteParts) {
  const readAgain = useReadUsersAgain();
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<RoleName>('analyst');
  const invite = useMutation<Linked, ApiProblem>({
    mutationFn: () => {
      const body = { email: email.trim(), role, ...(name.trim() !== '' && { name: name.trim() }) };
      return call('POST /admin/v1/users', { body });
    },
    onSuccess: (linked) => {
      void readAgain();
      onInvited(linked);
    },
    // The link is a secret.
    gcTime: 0,
  });
  const { at, other } = formFaults(invite.error, ['/email', '/name']);
  const submit = () => invite.mutate();
  return (
    <Modal
      opened
      onClose={onClose}
      title="Invite a user"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Form error={invite.error} className={styles.form} onSubmit={submit}>
        <NeededText
          label="E-mail"
          name="email"
          type="email"
          autoComplete="off"
          value={email}
          error={at('/email')}
          data-autofocus
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <TextInput
          label="Name"
          autoComplete="off"
          value={name}
          error={at('/name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <RoleSelect role={role} onChange={setRole} />
        {other !== null && <ProblemCard error={other} />}
        <div className={styles.buttons}>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="filled" loading={invite.isPending}>
            Invite
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
