/**
 * A form whose mistakes stand at their fields, in the words of the console: the bubbles of the
 * browser would speak its own language. Nothing is sent until what is needed is there.
 */
import {
  PasswordInput,
  type PasswordInputProps,
  TextInput,
  type TextInputProps,
} from '@mantine/core';
import { type ComponentProps, createContext, type FormEvent, useContext, useState } from 'react';
import { useFaultFocus } from './use-fault-focus.ts';

type Faults = ReadonlyMap<string, string>;

const none: Faults = new Map();

/** What the form found, by the name of the field. */
const FormFaults = createContext(none);

interface FormParts extends Omit<ComponentProps<'form'>, 'onSubmit' | 'ref' | 'noValidate'> {
  readonly onSubmit: () => void;
  /** Why the server refused. The focus moves to the field that it is about. */
  readonly error?: unknown;
}

export function Form({ onSubmit, error = null, children, ...more }: FormParts) {
  const [faults, setFaults] = useState(none);
  const form = useFaultFocus(faults === none ? error : faults);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const found = faultsOf(event.currentTarget);
    setFaults(found.size === 0 ? none : found);
    if (found.size === 0) onSubmit();
  };
  return (
    <form {...more} ref={form} noValidate onSubmit={submit}>
      <FormFaults value={faults}>{children}</FormFaults>
    </form>
  );
}

function faultsOf(form: HTMLFormElement): Faults {
  const inputs = [...form.elements].filter((one) => one instanceof HTMLInputElement);
  const wrong = inputs.filter(({ validity }) => !validity.valid);
  return new Map(wrong.map((input) => [input.name, wordsOf(input)]));
}

function wordsOf({ type, validity }: HTMLInputElement): string {
  if (validity.patternMismatch) return 'The code has six digits.';
  return type === 'email' ? 'Type an e-mail address, such as ana@example.com.' : 'This is empty.';
}

/** A text that is needed. `name` tells the fields of a form apart. */
export function NeededText({ error, ...more }: TextInputProps & { readonly name: string }) {
  const fault = useContext(FormFaults).get(more.name) ?? error;
  return <TextInput {...more} required withAsterisk={false} error={fault} />;
}

/** A password that is needed. */
export function NeededPassword({ error, ...more }: PasswordInputProps & { readonly name: string }) {
  const fault = useContext(FormFaults).get(more.name) ?? error;
  return (
    <PasswordInput
      {...more}
      required
      withAsterisk={false}
      error={fault}
      aria-invalid={Boolean(fault)}
    />
  );
}
