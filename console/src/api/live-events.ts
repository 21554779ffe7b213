/**
 * What the server tells while a page is shown: one stream for the whole console. A page that is
 * hidden has none, because browsers allow few connections to one host.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { applyEvent, eventNames, readAllAgain } from './apply-event.ts';
import { useSessionEnded } from './session-ended.ts';

const path = '/console/api/v1/events';

/** After an answer that the browser does not ask for again, such as one that is overloaded. */
const pauseMs = 5_000;

let isLive = false;
const listeners = new Set<() => void>();

/** Whether events arrive. If not, pages ask again themselves. */
export function useIsLive(): boolean {
  return useSyncExternalStore(listen, () => isLive);
}

/** Follows the events. For the frame around all pages alone. */
export function useLiveEvents(): void {
  const client = useQueryClient();
  const hasEnded = useSessionEnded();
  useEffect(() => {
    if (hasEnded) return undefined;
    let source: EventSource | undefined;
    let timer: number | undefined;
    const close = () => {
      window.clearTimeout(timer);
      source?.close();
      source = undefined;
      tell(false);
    };
    const open = () => {
      close();
      if (document.visibilityState === 'hidden') return;
      source = new EventSource(path);
      source.addEventListener('open', () => tell(true));
      source.addEventListener('error', () => {
        // Asking shows at once whether the server is away.
        if (isLive) readAllAgain(client);
        tell(false);
        // The browser itself comes back after a loss, but not after an answer that refuses.
        if (source?.readyState === EventSource.CLOSED) timer = window.setTimeout(again, pauseMs);
      });
      for (const name of eventNames) {
        source.addEventListener(name, ({ data }: MessageEvent<string>) =>
          applyEvent(client, { name, data: JSON.parse(data) }),
        );
      }
    };
    const again = () => {
      open();
      readAllAgain(client);
    };
    const onVisible = () => (document.visibilityState === 'hidden' ? close() : again());
    open();
    document.addEventListener('visibilitychange', onVisible);
    return () => {
      document.removeEventListener('visibilitychange', onVisible);
      close();
    };
  }, [client, hasEnded]);
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(next: boolean): void {
  if (next === isLive) return;
  isLive = next;
  for (const listener of listeners) listener();
}
