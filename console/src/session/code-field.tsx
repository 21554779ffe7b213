/**
 * The six digits of an authenticator. One field, so that a code can be pasted as authenticators
 * show it, in two halves, and a screen reader reads it as one thing.
 */
import { NeededText } from '../parts/form.tsx';

interface CodeFieldParts {
  readonly label: string;
  readonly code: string;
  readonly onChange: (code: string) => void;
  /** Called with the sixth digit. */
  readonly onComplete?: (code: string) => void;
}

export function CodeField({ label, code, onChange, onComplete }: CodeFieldParts) {
  return (
    <NeededText
      label={label}
      name="code"
      inputMode="numeric"
      autoComplete="one-time-code"
      pattern={`[0-9]{${length}}`}
      value={code}
      autoFocus
      data-autofocus
      onChange={(event) => {
        const next = event.currentTarget.value.replace(/[^0-9]/g, '').slice(0, length);
        onChange(next);
        if (next.length === length && next !== code) onComplete?.(next);
      }}
    />
  );
}

const length = 6;
