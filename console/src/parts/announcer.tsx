/** Says a message to screen readers. Politely, and at most one in five seconds. */
import { useSyncExternalStore } from 'react';

const pauseMs = 5_000;

let message = '';
let saidMs = Number.NEGATIVE_INFINITY;
let waiting: number | undefined;
const listeners = new Set<() => void>();

/** A message that is not said yet gives way to a newer one. */
export function announce(words: string): void {
  window.clearTimeout(waiting);
  const waitMs = Math.max(0, saidMs + pauseMs - performance.now());
  waiting = window.setTimeout(() => {
    saidMs = performance.now();
    message = words;
    for (const listener of listeners) listener();
  }, waitMs);
}

export function Announcer() {
  const words = useSyncExternalStore(subscribe, () => message);
  return (
    <div aria-live="polite" style={hidden}>
      {words}
    </div>
  );
}

const hidden = { position: 'absolute', width: 1, height: 1, overflow: 'hidden' } as const;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
