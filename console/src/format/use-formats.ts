/** The formats of the organization, and a clock for ages. */
import { useSyncExternalStore } from 'react';
import { useSession } from '../session/session-context.tsx';
import type { Session } from '../session/session-shape.ts';
import { type Formats, formatsOf } from './formats.ts';

export function useFormats(): Formats {
  const { organization } = useSession();
  const formats = known.get(organization) ?? formatsOf(organization);
  known.set(organization, formats);
  return formats;
}

/** Made once for all parts of a page: each has a dozen formatters of the browser. */
const known = new WeakMap<Session['organization'], Formats>();

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
