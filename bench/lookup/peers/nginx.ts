/**
 * The lower bound: nginx answers the same bytes to every request, without looking anything up. It
 * has one worker and no log, and shows what a server in C spends on the socket and on parsing the
 * request.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contactRequest, usualAnswer } from '../contact-call.ts';
import { workFolder } from '../folders.ts';
import type { MeasuredServer } from '../measured-server.ts';
import { type RunningProgram, serverCore, startProgram } from '../run-program.ts';
import { findFreePort, isListening, waitUntil } from '../wait-until.ts';

export function nginx(token: string): MeasuredServer {
  let program: RunningProgram | undefined;
  return {
    key: 'nginx',
    name: 'nginx return 200',
    answers: 'one contact always',
    request: contactRequest(token),
    start: async () => {
      const port = await findFreePort();
      const folder = join(workFolder, 'nginx');
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'nginx.conf'), configuration(port, folder));
      program = startProgram({
        name: 'nginx',
        command: 'nginx',
        parameters: ['-p', folder, '-c', join(folder, 'nginx.conf')],
        env: { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` },
        core: serverCore,
      });
      await waitUntil(() => isListening(port), { what: 'nginx', within: 10_000, of: program });
      return { port, pids: [program.pid] };
    },
    stop: async () => program?.stop(),
  };
}

function configuration(port: number, folder: string): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  // A dollar sign begins a variable in nginx, so only a variable can write one.
  const body = usualAnswer().replaceAll("'", "\\'").replaceAll('$', `\${dollar}`);
  return `daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 1000000000;
${paths.map((path) => `  ${path}_temp_path ${join(folder, path)};`).join('\n')}
  geo $dollar { default "$"; }
  server {
    listen 127.0.0.1:${port} backlog=1024;
    default_type application/json;
    location / { return 200 '${body}'; }
  }
}
`;
}
