/** The six digits of an authenticator. */
import { TextInput } from '@mantine/core';

export function CodeField({
  label,
  code,
  onChange,
}: {
  readonly label: string;
  readonly code: string;
  readonly onChange: (code: string) => void;
}) {
  return (
    <TextInput
      label={label}
      inputMode="numeric"
      autoComplete="one-time-code"
      maxLength={6}
      value={code}
      data-autofocus
      onChange={(event) => onChange(event.currentTarget.value.trim())}
    />
  );
}
