/**
 * Keeps one thread's catalog state fresh: polls the revision and loads what changed, so that a
 * revoked token is refused everywhere within a second. While the catalog cannot be read, the last
 * state is served.
 */
import type { CatalogState } from '../domain/catalog-state.ts';
import type { Catalog } from './catalog.ts';

export interface FollowedCatalog {
  current(): CatalogState;
  /** Stops polling; the catalog stays open. */
  stop(): void;
}

export interface FollowOptions {
  readonly intervalMs: number;
  /** Called for each failed read. Polling goes on. */
  readonly onError: (error: unknown) => void;
}

/** @throws the error of the first load: without a state nothing can be served */
export async function followCatalog(
  catalog: Pick<Catalog, 'readRevision' | 'loadState'>,
  options: FollowOptions,
): Promise<FollowedCatalog> {
  let state = await catalog.loadState();
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const refresh = async () => {
    try {
      const revision = await catalog.readRevision();
      if (revision !== state.revision) state = await catalog.loadState(state);
    } catch (error) {
      options.onError(error);
    }
    schedule();
  };
  const schedule = () => {
    if (!isStopped) timer = setTimeout(() => void refresh(), options.intervalMs);
  };
  schedule();
  return {
    current: () => state,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
