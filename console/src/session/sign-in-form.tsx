/** E-mail, password and, if the account has one, the second factor. */

import { Button, PinInput, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { Form, NeededPassword, NeededText } from '../parts/form.tsx';
import { ProblemLine } from '../parts/problem-line.tsx';
import { signIn } from './session-calls.ts';
import type { Session } from './session-shape.ts';
import styles from './sign-in-form.module.css';

interface SignInFormParts {
  /** Fixed: only this account may sign in here. */
  readonly email?: string;
  /** The account's, or `''` to ask for it; missing: the server has only one. */
  readonly organization?: string;
  readonly onSignedIn: (session: Session) => void;
}

export function SignInForm({ email: fixedEmail, organization, onSignedIn }: SignInFormParts) {
  const [chosen, setChosen] = useState(organization ?? '');
  const [email, setEmail] = useState(fixedEmail ?? '');
  const [password, setPassword] = useState('');
  const [code, setCode] = useState('');
  const enter = useMutation<Session, ApiProblem>({
    mutationFn: () =>
      signIn({
        ...{ email, password },
        ...(code !== '' && { code }),
        ...(chosen !== '' && { organization: chosen }),
      }),
    onSuccess: onSignedIn,
    onError: () => setCode(''),
  });
  const needsCode = enter.error?.facts.members['code_required'] === true;
  const submit = () => enter.mutate();
  return (
    <Form className={styles.form} onSubmit={submit}>
      {organization === '' && (
        <TextInput
          label="Organization"
          name="organization"
          autoComplete="organization"
          placeholder="default"
          value={chosen}
          onChange={(event) => setChosen(event.currentTarget.value)}
        />
      )}
      <NeededText
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        readOnly={fixedEmail !== undefined}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <NeededPassword
        label="Password"
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      />
      {needsCode && <CodeInput code={code} onChange={setCode} />}
      <SignInProblem error={enter.error} isCodeAsked={needsCode && code === ''} />
      <Button type="submit" variant="filled" loading={enter.isPending}>
        Continue
      </Button>
    </Form>
  );
}

function CodeInput({
  code,
  onChange,
}: {
  readonly code: string;
  readonly onChange: (code: string) => void;
}) {
  return (
    <div>
      <p className={styles.label}>The six digits from your authenticator</p>
      <PinInput
        length={6}
        type="number"
        oneTimeCode
        autoFocus
        aria-label="Digit of the code"
        value={code}
        onChange={onChange}
      />
    </div>
  );
}

/** A missing code is a question, not a mistake. */
function SignInProblem({
  error,
  isCodeAsked,
}: {
  readonly error: ApiProblem | null;
  readonly isCodeAsked: boolean;
}) {
  if (error === null || isCodeAsked) return null;
  return <ProblemLine error={error} />;
}
