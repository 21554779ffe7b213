/** Goes on with privacy requests whose process died, now and then. */
import { randomBytes } from 'node:crypto';
import { privacySilenceMs } from '../administration/limits.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { composeSuppression, composeWriterClient, contactsIn } from '../compose.ts';
import type { Log } from '../observe/log.ts';
import type { Settings } from '../settings/settings.ts';
import { privacyCheckMs } from './limits.ts';

export interface PrivacyResumerOptions {
  readonly catalog: Catalog;
  readonly settings: Settings;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

export class PrivacyResumer {
  readonly #options: PrivacyResumerOptions;
  readonly #stop = new AbortController();
  readonly #writer: ReturnType<typeof composeWriterClient>;
  #timer: NodeJS.Timeout | undefined;
  #checking: Promise<void> | undefined;

  constructor(options: PrivacyResumerOptions) {
    this.#options = options;
    this.#writer = composeWriterClient(options.settings);
  }

  start(): void {
    this.#timer = setInterval(() => {
      // One check at a time, however long its requests take.
      this.#checking ??= this.#check().finally(() => {
        this.#checking = undefined;
      });
    }, privacyCheckMs);
  }

  /** Requests stop after their current step. The next server goes on with them. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#checking;
    await this.#writer.close();
  }

  async #check(): Promise<void> {
    const { catalog, settings, clock, log } = this.#options;
    const actor = { kind: 'operator', name: 'server' } as const;
    const openStore = async () => ({
      writer: await this.#writer.connected(),
      suppression: await composeSuppression(settings),
    });
    try {
      // The code that goes on with a request is loaded when there is one.
      if ((await catalog.listSilentPrivacyRequests(clock() - privacySilenceMs)).length === 0)
        return;
      const { resumeRequests } = await import('../administration/privacy/resume-requests.ts');
      const contacts = contactsIn(settings);
      const administration = { catalog, actor, clock, randomBytes, contacts };
      const { ended, failed } = await resumeRequests(administration, openStore, this.#stop.signal);
      if (ended > 0) log.info({ requests: ended }, 'privacy requests were resumed');
      for (const request of failed) log.error({ request }, 'a privacy request has failed');
    } catch (error) {
      log.warn({ error }, 'privacy requests could not be resumed');
    }
  }
}
