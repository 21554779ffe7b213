/** Changes the own password. */

import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { formFaults } from '../../api/problem-words.ts';
import { announce } from '../../parts/announcer.tsx';
import { Card } from '../../parts/card.tsx';
import { Form, NeededPassword } from '../../parts/form.tsx';
import { ProblemLine } from '../../parts/problem-line.tsx';
import { changePassword } from '../../session/session-calls.ts';
import { useSession } from '../../session/session-context.tsx';
import type { Session } from '../../session/session-shape.ts';
import { startSession } from '../../session/use-session-query.ts';
import styles from './account.module.css';

export function PasswordCard() {
  const client = useQueryClient();
  const { has_password: hasPassword } = useSession().user;
  const [password, setPassword] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation<Session, ApiProblem>({
    mutationFn: () => changePassword({ ...(hasPassword && { password }), new_password: next }),
    onSuccess: (session) => {
      setPassword('');
      setNext('');
      announce('The password is changed');
      startSession(client, session);
    },
    gcTime: 0,
  });
  const { at, other } = formFaults(change.error, ['/new_password']);
  const submit = () => change.mutate();
  return (
    <Card title="Password">
      <Form error={change.error} className={styles.body} onSubmit={submit}>
        <p className={styles.words}>
          12 to 256 characters that are not easy to guess. Your other sessions end.
        </p>
        {hasPassword && (
          <Secret label="Your password" kind="current" value={password} onChange={setPassword} />
        )}
        <Secret
          label="New password"
          kind="new"
          value={next}
          fault={at('/new_password')}
          onChange={setNext}
        />
        {other !== null && <ProblemLine error={other} />}
        {change.isSuccess && <p role="status">The password is changed.</p>}
        <Button type="submit" variant="filled" loading={change.isPending}>
          Change the password
        </Button>
      </Form>
    </Card>
  );
}

function Secret({
  label,
  kind,
  value,
  fault,
  onChange,
}: {
  readonly label: string;
  readonly kind: 'current' | 'new';
  readonly value: string;
  readonly fault?: string | undefined;
  readonly onChange: (value: string) => void;
}) {
  return (
    <NeededPassword
      label={label}
      name={kind}
      autoComplete={`${kind}-password`}
      value={value}
      error={fault}
      onChange={(event) => onChange(event.currentTarget.value)}
      visibilityToggleButtonProps={{ 'aria-label': `Show: ${label}` }}
    />
  );
}
