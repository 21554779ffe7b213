/** The title of the page that is open, for the window and the bar of a narrow one. */
import { useEffect, useSyncExternalStore } from 'react';

let current = '';
const listeners = new Set<() => void>();

/** Names the page while the calling part is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    current = title;
    document.title = `${title} · Usher`;
    for (const listener of listeners) listener();
  }, [title]);
}

export function usePageTitle(): string {
  return useSyncExternalStore(subscribe, () => current);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
