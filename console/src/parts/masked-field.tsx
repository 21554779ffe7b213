/** A value that the user's role does not see: six dots, and the way to reveal it for a minute. */
import { UnstyledButton } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useSessionEnded } from '../api/session-ended.ts';
import { useMay } from '../session/session-context.tsx';
import { dots } from './identity-chip.tsx';
import styles from './masked-field.module.css';
import { RevealDialog } from './reveal-dialog.tsx';

/** How long a revealed value shows. */
const shownMs = 60_000;

interface MaskedFieldParts {
  readonly contactId: string;
  readonly field: string;
  /** A sensitive value needs a permission of its own. */
  readonly sensitivity: string | null | undefined;
}

export function MaskedField({ contactId, field, sensitivity }: MaskedFieldParts) {
  const [isAsking, setAsking] = useState(false);
  const [value, setValue] = useState<string>();
  const mayReveal = useMay('contacts:reveal');
  const maySensitive = useMay('contacts:sensitive');
  const hasEnded = useSessionEnded();
  useEffect(() => {
    if (value === undefined) return undefined;
    if (hasEnded) {
      setValue(undefined);
      return undefined;
    }
    const timer = window.setTimeout(() => setValue(undefined), shownMs);
    return () => window.clearTimeout(timer);
  }, [value, hasEnded]);
  if (value !== undefined) {
    return (
      <span className={styles.revealed}>
        {value} <span className={styles.note}>for a minute</span>
      </span>
    );
  }
  const isAllowed = mayReveal && (sensitivity !== 'sensitive' || maySensitive);
  return (
    <span className={styles.masked}>
      <span role="img" aria-label={`${field} is masked`}>
        {dots}
      </span>
      {isAllowed && (
        <UnstyledButton
          className={styles.reveal}
          aria-label={`Reveal ${field}`}
          onClick={() => setAsking(true)}
        >
          Reveal
        </UnstyledButton>
      )}
      {isAsking && (
        <RevealDialog
          contactId={contactId}
          field={field}
          onReveal={(revealed) => {
            setValue(revealed);
            setAsking(false);
          }}
          onClose={() => setAsking(false)}
        />
      )}
    </span>
  );
}
