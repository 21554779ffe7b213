/**
 * The strongest existing product: webdis, a server in C, returns a whole value of Redis. It
 * requires no token, selects no fields, renders nothing and counts nothing. Its cost is that of its
 * own thread and of Redis together.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../databases/database.ts';
import { workFolder } from '../folders.ts';
import { getRequest } from '../load.ts';
import type { MeasuredServer } from '../measured-server.ts';
import { type RunningProgram, serverCore, startProgram } from '../run-program.ts';
import { findFreePort, isListening, waitUntil } from '../wait-until.ts';

export function webdis(redis: Database): MeasuredServer {
  let program: RunningProgram | undefined;
  return {
    key: 'webdis',
    name: 'webdis + redis',
    answers: 'whole contact',
    // Returns the raw bytes of the value, which is cheaper for webdis than wrapping them in JSON.
    request: getRequest({ before: '/GET/contact:', after: '.txt?type=application/json' }, {}),
    start: async () => {
      const port = await findFreePort();
      const folder = join(workFolder, 'webdis');
      mkdirSync(folder, { recursive: true });
      const file = join(folder, 'webdis.json');
      writeFileSync(file, JSON.stringify(configuration(port, redis.port, folder), null, 2));
      program = startProgram({
        name: 'webdis',
        command: 'webdis',
        parameters: [file],
        core: serverCore,
      });
      await waitUntil(() => isListening(port), { what: 'webdis', within: 10_000, of: program });
      return { port, pids: [program.pid, redis.pid] };
    },
    stop: async () => program?.stop(),
  };
}

function configuration(port: number, redisPort: number, folder: string) {
  return {
    redis_host: '127.0.0.1',
    redis_port: redisPort,
    http_host: '127.0.0.1',
    http_port: port,
    threads: 1,
    pool_size: 20,
    daemonize: false,
    websockets: false,
    database: 0,
    verbosity: 0,
    logfile: join(folder, 'webdis.log'),
  };
}
