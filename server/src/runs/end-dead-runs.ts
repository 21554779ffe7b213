/**
 * Ends the runs whose process has died, so that nobody waits for them. Without this, they would
 * be listed as running until the next run of their dataset.
 */
import type { Administration } from '../administration/administration.ts';
import type { Catalog, Run } from '../catalog/catalog.ts';
import type { ContactReader } from '../stores/store.ts';
import { maxWatchedRuns, silentRunMs } from './limits.ts';
import { lifeOf } from './run-life.ts';

export interface DeadRunsOptions {
  readonly catalog: Catalog;
  /** Opens the contact store for a call, if there is one. */
  readonly contacts: Administration['contacts'];
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export class DeadRuns {
  readonly #options: DeadRunsOptions;
  /** When a run was first seen silent. */
  readonly #silentSince = new Map<string, number>();

  constructor(options: DeadRunsOptions) {
    this.#options = options;
  }

  /**
   * Gives the runs that it ended. Call it at the start of the server, and then now and then.
   * @throws UsherError `store_unavailable`
   */
  async end(organizationIds: Iterable<number>): Promise<readonly Run[]> {
    const { catalog, contacts } = this.#options;
    const running = await listRunning(catalog, organizationIds);
    for (const id of this.#silentSince.keys()) {
      if (!running.some((run) => run.id === id)) this.#silentSince.delete(id);
    }
    if (running.length === 0) return [];
    const dead = (await contacts((reader) => this.#findDead(running, reader))) ?? [];
    for (const run of dead) {
      const endedAtMs = this.#options.clock();
      const end = { state: 'interrupted', counts: run, endedAtMs } as const;
      await catalog.endRun(run.id, { ...end, errorCode: null, errorDetail: null });
    }
    return dead;
  }

  async #findDead(running: readonly Run[], reader: ContactReader): Promise<readonly Run[]> {
    const nowMs = this.#options.clock();
    const dead: Run[] = [];
    for (const run of running) {
      const life = await lifeOf(run, reader, nowMs);
      const since = this.#silentSince.get(run.id) ?? nowMs;
      if (life === 'silent') this.#silentSince.set(run.id, since);
      else this.#silentSince.delete(run.id);
      if (life === 'dead' || nowMs - since >= silentRunMs) dead.push(run);
    }
    return dead;
  }
}

async function listRunning(
  catalog: Catalog,
  organizationIds: Iterable<number>,
): Promise<readonly Run[]> {
  const filter = { states: ['running'], limit: maxWatchedRuns } as const;
  return catalog.read(async (view) => {
    const lists: Run[] = [];
    for (const id of organizationIds) lists.push(...(await view.listRuns(id, filter)));
    return lists;
  });
}
