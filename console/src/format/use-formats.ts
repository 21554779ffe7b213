/** The formats of the organization, and a clock for ages. */
import { useMemo, useSyncExternalStore } from 'react';
import { useSession } from '../session/session-context.tsx';
import { type Formats, formatsOf } from './formats.ts';

export function useFormats(): Formats {
  const { organization } = useSession();
  return useMemo(() => formatsOf(organization), [organization]);
}

/** Ages in seconds change this often. */
const tickMs = 5_000;

let nowMs = Date.now();
const listeners = new Set<() => void>();
let timer: number | undefined;

/** The time, which moves every few seconds while a part that shows it is there. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => nowMs);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= window.setInterval(tick, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    window.clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  nowMs = Date.now();
  for (const listener of listeners) listener();
}
