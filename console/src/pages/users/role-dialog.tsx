/** Gives a user another role. */

import { Button, Modal } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { call } from '../../api/call.ts';
import { announce } from '../../parts/announcer.tsx';
import styles from '../../parts/dialog.module.css';
import { Form } from '../../parts/form.tsx';
import { ProblemCard } from '../../parts/problem-card.tsx';
import { RoleSelect } from './role-select.tsx';
import { type User, useReadUsersAgain } from './use-users.ts';

export function RoleDialog({
  user,
  onClose,
}: {
  readonly user: User;
  readonly onClose: () => void;
}) {
  const readAgain = useReadUsersAgain();
  const [role, setRole] = useState(user.role);
  const save = useMutation<unknown, ApiProblem>({
    mutationFn: () =>
      call('PATCH /admin/v1/users/{id}', { params: { id: user.id }, body: { role } }),
    onSuccess: async () => {
      announce('The role is changed');
      await readAgain();
      onClose();
    },
  });
  const submit = () => save.mutate();
  return (
    <Modal
      opened
      onClose={onClose}
      title={`The role of ${user.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Form className={styles.form} onSubmit={submit}>
        <p className={styles.words}>It counts at once, for every session of the user.</p>
        <RoleSelect role={role} onChange={setRole} />
        {save.error !== null && <ProblemCard error={save.error} />}
        <div className={styles.buttons}>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            variant="filled"
            disabled={role === user.role}
            loading={save.isPending}
          >
            Change the role
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
