/** What the server tells while a page is open. The browser connects again by itself. */

import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import type { trafficEventSchema } from '@usher/contract/event-schema';
import { useEffect } from 'react';
import type { Static } from 'typebox';

type ServerEvent =
  | { readonly name: 'traffic'; readonly data: Static<typeof trafficEventSchema> }
  | { readonly name: 'run' | 'changed' | 'reset' };

export interface EventChange {
  readonly client: QueryClient;
  readonly event: ServerEvent;
}

const path = '/console/api/v1/events';

/** @param apply must be the same function at each call */
export function useEvents(isOn: boolean, apply: (change: EventChange) => void): void {
  const client = useQueryClient();
  useEffect(() => {
    if (!isOn) return undefined;
    const source = new EventSource(path);
    for (const name of ['run', 'changed', 'reset'] as const) {
      source.addEventListener(name, () => apply({ client, event: { name } }));
    }
    source.addEventListener('traffic', ({ data }: MessageEvent<string>) =>
      apply({ client, event: { name: 'traffic', data: JSON.parse(data) } }),
    );
    return () => source.close();
  }, [apply, client, isOn]);
}
