/** Changes the own password. */
import { Button, PasswordInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { formFaults } from '../../api/problem-words.ts';
import { announce } from '../../parts/announcer.tsx';
import { Card } from '../../parts/card.tsx';
import { ProblemLine } from '../../parts/problem-line.tsx';
import { useFaultFocus } from '../../parts/use-fault-focus.ts';
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
  const form = useFaultFocus(change.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Card title="Password">
      <form ref={form} className={styles.body} onSubmit={submit}>
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
      </form>
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
    <PasswordInput
      label={label}
      autoComplete={`${kind}-password`}
      required
      withAsterisk={false}
      value={value}
      error={fault}
      aria-invalid={fault !== undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
      visibilityToggleButtonProps={{ 'aria-label': `Show: ${label}` }}
    />
  );
}
