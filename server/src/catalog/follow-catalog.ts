/**
 * Keeps one thread's picture of the catalog fresh: asks for the revision many times a second and
 * loads what changed, so that a revoked token is refused within a second everywhere. When the
 * catalog cannot be read, the last picture goes on being served.
 */
import type { CatalogState } from '../domain/catalog-state.ts';
import type { Catalog } from './catalog.ts';

export interface FollowedCatalog {
  current(): CatalogState;
  /** Ends the asking; the catalog stays open. */
  stop(): void;
}

export interface FollowOptions {
  readonly intervalMs: number;
  /** Told of each failure to read; the next try comes after the interval all the same. */
  readonly onError: (error: unknown) => void;
}

/** @throws what the first load throws: without any picture nothing can be served */
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
