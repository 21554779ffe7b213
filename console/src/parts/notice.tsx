/** Says what was done after its page was left, perhaps with an id to keep. */
import { ActionIcon } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { useEffect, useSyncExternalStore } from 'react';
import { announce } from './announcer.tsx';
import { CopyButton } from './copy-button.tsx';
import styles from './undo-toast.module.css';

interface Told {
  /** "Tom Weber is erased." */
  readonly words: string;
  /** What can be copied, such as the id of a receipt. */
  readonly id?: { readonly label: string; readonly text: string };
}

let told: Told | undefined;
const listeners = new Set<() => void>();

/** Shows it on every page until it is closed, or a minute has passed. */
export function notify(next: Told | undefined): void {
  told = next;
  for (const listener of listeners) listener();
}

const shownMs = 60_000;

export function Notice() {
  const notice = useSyncExternalStore(subscribe, () => told);
  useEffect(() => {
    if (notice === undefined) return undefined;
    announce(notice.words);
    const timer = window.setTimeout(() => notify(undefined), shownMs);
    return () => window.clearTimeout(timer);
  }, [notice]);
  if (notice === undefined) return null;
  const { words, id } = notice;
  return (
    <section className={styles.toast} aria-label="Notice">
      <IconCheck size={17} stroke={1.6} aria-hidden />
      <span className={styles.words}>
        {words}
        {id !== undefined && (
          <>
            {` ${id.label} `}
            <code>{id.text}</code>
          </>
        )}
      </span>
      {id !== undefined && <CopyButton text={id.text} label={`Copy: ${id.label}`} />}
      <ActionIcon size={24} w={24} h={24} aria-label="Close" onClick={() => notify(undefined)}>
        <IconX size={16} stroke={1.6} aria-hidden />
      </ActionIcon>
    </section>
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
