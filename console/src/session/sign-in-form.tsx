/** E-mail, password and, if the account has one, the second factor. */
import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiProblem } from '../api/api-problem.ts';
import { Form, NeededPassword, NeededText } from '../parts/form.tsx';
import { ProblemLine } from '../parts/problem-line.tsx';
import { CodeField } from './code-field.tsx';
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
  const [asksCode, setAsksCode] = useState(false);
  const enter = useMutation<Session, ApiProblem, string>({
    mutationFn: (sent) =>
      signIn({
        ...{ email, password },
        ...(sent !== '' && { code: sent }),
        ...(chosen !== '' && { organization: chosen }),
      }),
    onSuccess: onSignedIn,
    onError: ({ code: problem, facts }) => {
      setCode('');
      // Who has to wait, or has lost the connection, goes on where they were.
      if (problem === 'sign_in_failed') setAsksCode(facts.members['code_required'] === true);
    },
  });
  const send = (sent: string) => {
    if (!enter.isPending) enter.mutate(sent);
  };
  const submit = () => send(code);
  // Another account may have no second factor.
  const forgetCode = () => {
    setCode('');
    setAsksCode(false);
  };
  return (
    <Form className={styles.form} onSubmit={submit}>
      {organization === '' && (
        <OrganizationField
          chosen={chosen}
          onChange={(next) => {
            setChosen(next);
            forgetCode();
          }}
        />
      )}
      <NeededText
        label="E-mail"
        type="email"
        name="email"
        autoComplete="username"
        value={email}
        readOnly={fixedEmail !== undefined}
        onChange={(event) => {
          setEmail(event.currentTarget.value);
          forgetCode();
        }}
      />
      <NeededPassword
        label="Password"
        name="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => {
          setPassword(event.currentTarget.value);
          forgetCode();
        }}
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
      />
      {asksCode && (
        <CodeField
          label="The six digits from your authenticator"
          code={code}
          onChange={setCode}
          onComplete={send}
        />
      )}
      <SignInProblem
        error={enter.error}
        isQuestion={asksCode && enter.variables === ''}
        asksOrganization={organization === ''}
      />
      <Button type="submit" variant="filled" loading={enter.isPending}>
        Continue
      </Button>
    </Form>
  );
}

function OrganizationField({
  chosen,
  onChange,
}: {
  readonly chosen: string;
  readonly onChange: (chosen: string) => void;
}) {
  return (
    <TextInput
      label="Organization"
      description="Empty: the first one of this server"
      name="organization"
      autoComplete="organization"
      value={chosen}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}

/** A missing code is a question, not a mistake. */
function SignInProblem({
  error,
  isQuestion,
  asksOrganization,
}: {
  readonly error: ApiProblem | null;
  readonly isQuestion: boolean;
  readonly asksOrganization: boolean;
}) {
  if (error === null || isQuestion) return null;
  const isAccount =
    error.code === 'sign_in_failed' && error.facts.members['code_required'] !== true;
  return (
    <>
      <ProblemLine error={error} />
      {asksOrganization && isAccount && (
        <p>Or you have the account in another organization: name it above.</p>
      )}
    </>
  );
}
