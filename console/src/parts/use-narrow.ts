/** Whether the window is narrow: the same width as in the style sheets. */
import { useSyncExternalStore } from 'react';

const narrow = window.matchMedia('(max-width: 768px)');

export function useNarrow(): boolean {
  return useSyncExternalStore(listen, () => narrow.matches);
}

function listen(listener: () => void): () => void {
  narrow.addEventListener('change', listener);
  return () => narrow.removeEventListener('change', listener);
}
