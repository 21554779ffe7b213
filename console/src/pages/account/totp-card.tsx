/** Sets up the second factor, and removes it. */

import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../../api/api-problem.ts';
import { announce } from '../../parts/announcer.tsx';
import { Badge } from '../../parts/badge.tsx';
import { Card } from '../../parts/card.tsx';
import { ConfirmDialog } from '../../parts/confirm-dialog.tsx';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Form } from '../../parts/form.tsx';
import { ProblemLine } from '../../parts/problem-line.tsx';
import { CodeField } from '../../session/code-field.tsx';
import { changeTotp, removeTotp } from '../../session/session-calls.ts';
import { useSession } from '../../session/session-context.tsx';
import type { Totp } from '../../session/session-shape.ts';
import { refreshSession } from '../../session/use-session-query.ts';
import styles from './account.module.css';
import { QrCode } from './qr-code.tsx';

export function TotpCard() {
  const { has_totp: isOn } = useSession().user;
  return (
    <Card
      title="Second factor"
      note={isOn ? <Badge tone="good">on</Badge> : <Badge tone="quiet">off</Badge>}
    >
      {isOn ? <Removal /> : <Setup />}
    </Card>
  );
}

function Setup() {
  const begin = useMutation<Totp, ApiProblem>({
    mutationFn: () => changeTotp({}),
    // The secret is shown once, and kept nowhere.
    gcTime: 0,
  });
  return (
    <div className={styles.body}>
      <p className={styles.words}>
        An authenticator shows six digits, which signing in with a password then also needs.
      </p>
      {begin.data === undefined ? (
        <Button variant="filled" loading={begin.isPending} onClick={() => begin.mutate()}>
          Set up
        </Button>
      ) : (
        <Proof totp={begin.data} onCancel={() => begin.reset()} />
      )}
      {begin.error !== null && <ProblemLine error={begin.error} />}
    </div>
  );
}

/** The secret, and a code that shows that the authenticator has it. */
function Proof({
  totp: { secret, uri },
  onCancel,
}: {
  readonly totp: Totp;
  readonly onCancel: () => void;
}) {
  const client = useQueryClient();
  const [code, setCode] = useState('');
  const enable = useMutation<Totp, ApiProblem>({
    mutationFn: () => changeTotp({ code }),
    onError: () => setCode(''),
    onSuccess: async () => {
      announce('The second factor is on');
      await refreshSession(client);
    },
    gcTime: 0,
  });
  const submit = () => enable.mutate();
  return (
    <>
      <p>Scan this with your authenticator, then type its six digits. It is not shown again.</p>
      <div className={styles.proof}>
        <QrCode text={uri ?? ''} label="The secret as a QR code" />
        <div className={styles.keys}>
          <span className={styles.words}>Or type this key</span>
          <div className={styles.secret}>
            <code data-secret={secret}>{secret?.match(/.{1,4}/g)?.join(' ')}</code>
            <CopyButton text={secret ?? ''} label="Copy the secret" />
          </div>
          <a href={uri ?? undefined}>Open it in an authenticator on this device</a>
          <Form className={styles.keys} onSubmit={submit}>
            <CodeField label="The code that it shows" code={code} onChange={setCode} />
            {enable.error !== null && <ProblemLine error={enable.error} />}
            <Button type="submit" variant="filled" loading={enable.isPending}>
              Turn on
            </Button>
            <Button onClick={onCancel}>Cancel</Button>
          </Form>
        </div>
      </div>
    </>
  );
}

function Removal() {
  const client = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const remove = useMutation<void, ApiProblem>({
    mutationFn: () => removeTotp(),
    onSuccess: async () => {
      announce('The second factor is off');
      await refreshSession(client);
    },
  });
  return (
    <div className={styles.body}>
      <p className={styles.words}>Signing in with a password also needs a code.</p>
      <Button data-tone="bad" onClick={() => setAsking(true)}>
        Remove…
      </Button>
      {isAsking && (
        <ConfirmDialog
          title="Remove the second factor"
          effects={['The password alone then signs you in.']}
          word="remove"
          verb="Remove"
          keepVerb="Keep"
          isPending={remove.isPending}
          error={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsking(false)}
        />
      )}
    </div>
  );
}
