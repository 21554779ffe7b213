/**
 * The title of the page that is open, for the window and the bar of a narrow one. This file alone
 * writes the title of the window: a browser keeps it in its history.
 */
import { useEffect, useLayoutEffect, useSyncExternalStore } from 'react';

/** In the page. */
let current = '';
/** Of the window. */
let named = '';
let cover: string | undefined;
const listeners = new Set<() => void>();

/**
 * Names the page while the calling part is shown.
 * @param windowTitle without names and identities of people; absent: the same
 */
export function useTitle(title: string, windowTitle = title): void {
  useEffect(() => {
    current = title;
    named = windowTitle;
    write();
    for (const listener of listeners) listener();
  }, [title, windowTitle]);
}

/** Stands in the window, whatever page is open. */
export function useCoverTitle(title: string | undefined): void {
  useLayoutEffect(() => {
    cover = title;
    write();
    return () => {
      cover = undefined;
      write();
    };
  }, [title]);
}

function write(): void {
  const title = cover ?? named;
  document.title = title === '' ? 'Usher' : `${title} · Usher`;
}

export function usePageTitle(): string {
  return useSyncExternalStore(subscribe, () => current);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
