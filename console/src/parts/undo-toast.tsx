/** Says what was done, and takes it back for ten seconds. */
import { Button } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { announce } from './announcer.tsx';
import styles from './undo-toast.module.css';

export interface Undoable {
  /** What was done: "loyalty_tier is public". */
  readonly words: string;
  /** `undefined`: it cannot be taken back. */
  readonly undo?: (() => void) | undefined;
}

const shownSeconds = 10;

/** @param done `undefined`: nothing to take back */
export function UndoToast({
  done,
  onOver,
}: {
  readonly done: Undoable | undefined;
  readonly onOver: () => void;
}) {
  if (done === undefined) return null;
  return <Toast key={done.words} done={done} onOver={onOver} />;
}

function Toast({ done, onOver }: { readonly done: Undoable; readonly onOver: () => void }) {
  const [left, setLeft] = useState(shownSeconds);
  const { words, undo } = done;
  useEffect(() => {
    announce(undo === undefined ? words : `${words}. You can take it back.`);
  }, [words, undo]);
  useEffect(() => {
    const timer = window.setInterval(() => setLeft((seconds) => seconds - 1), 1_000);
    return () => window.clearInterval(timer);
  }, []);
  useEffect(() => {
    if (left <= 0) onOver();
  }, [left, onOver]);
  return (
    <div className={styles.toast}>
      <IconCheck size={17} stroke={1.6} aria-hidden />
      <span className={styles.words}>{done.words}</span>
      {undo !== undefined && (
        <Button
          variant="subtle"
          className={styles.undo}
          onClick={() => {
            undo();
            onOver();
          }}
        >
          Undo<span aria-hidden>, {Math.max(0, left)} s</span>
        </Button>
      )}
    </div>
  );
}
