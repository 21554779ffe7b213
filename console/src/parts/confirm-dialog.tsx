/** Asks to type the short name of a thing before something that cannot be undone. */

import { Button, Modal, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import styles from './dialog.module.css';
import { Form } from './form.tsx';
import { ProblemCard } from './problem-card.tsx';

interface ConfirmParts {
  readonly title: string;
  /** What will happen, in numbers. */
  readonly effects: readonly ReactNode[];
  /** What has to be typed. */
  readonly word: string;
  /** The verb of the button, and that of the safe one. */
  readonly verb: string;
  readonly keepVerb: string;
  readonly isPending: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

export function ConfirmDialog(parts: ConfirmParts) {
  const { title, effects, word, verb, keepVerb, isPending, error, onConfirm, onClose } = parts;
  const [typed, setTyped] = useState('');
  const isTyped = bare(typed) === bare(word);
  const submit = () => {
    if (isTyped) onConfirm();
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeButtonProps={{ 'aria-label': 'Close' }}
      size={460}
    >
      <Form className={styles.form} onSubmit={submit}>
        <ul className={styles.effects}>
          {effects.map((effect, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list stays while it is shown
            <li key={place}>{effect}</li>
          ))}
        </ul>
        <TextInput
          label={
            <>
              Type <strong>{word}</strong> to confirm
            </>
          }
          value={typed}
          autoComplete="off"
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        {error !== null && error !== undefined && <ProblemCard error={error} />}
        <div className={styles.buttons}>
          <Button data-autofocus onClick={onClose}>
            {keepVerb}
          </Button>
          <Button
            type="submit"
            variant="filled"
            data-tone="bad"
            disabled={!isTyped}
            loading={isPending}
          >
            {verb}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

/** A telephone number is the same without its spaces and brackets. */
function bare(text: string): string {
  return text.replace(/[\s()-]/g, '');
}
