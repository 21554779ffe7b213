/**
 * Usher with everything that it always does: token, limit, selection of fields, rendering, ETag,
 * metrics.
 */
import { contactRequest } from '../contact-call.ts';
import type { MeasuredServer } from '../measured-server.ts';
import { type RunningProgram, serverCore, startProgram } from '../run-program.ts';
import { type UsherData, usherProgram } from '../usher-data.ts';
import { answers, findFreePort, waitUntil } from '../wait-until.ts';

export interface UsherOptions {
  readonly workers: number;
  /** The name for tables, if it is not the usual one. */
  readonly name?: string;
  /** Options of node, for example for a profile. */
  readonly nodeOptions?: string;
  /** Settings by their environment variables. */
  readonly settings?: Readonly<Record<string, string>>;
}

export function usherServer(data: UsherData, options: UsherOptions): MeasuredServer {
  const { workers, nodeOptions } = options;
  let program: RunningProgram | undefined;
  return {
    key: workers === 1 ? 'usher' : `usher-${workers}`,
    name: options.name ?? `Usher, ${workers} ${workers === 1 ? 'worker' : 'workers'}`,
    answers: 'asked fields',
    request: contactRequest(data.token),
    start: async () => {
      const port = await findFreePort();
      const serve = usherProgram(data.command, data.folder, ['serve']);
      const env = {
        USHER_PORT: String(port),
        USHER_WORKERS: String(workers),
        USHER_HOST: '127.0.0.1',
        ...options.settings,
        ...(nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions }),
      };
      program = startProgram({
        ...serve,
        // Two checkouts run at the same time, and each has its own log.
        name: `usher-${options.name ?? workers}`,
        env: { ...serve.env, ...env },
        core: serverCore,
      });
      await waitUntil(() => answers(`http://127.0.0.1:${port}/readyz`), {
        what: 'usher serve',
        within: 120_000,
        of: program,
      });
      return { port, pids: [program.pid] };
    },
    stop: async () => program?.stop(),
  };
}
