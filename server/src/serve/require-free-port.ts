/**
 * Threads share a port by SO_REUSEPORT, which would also let another program's server share it with
 * ours unseen: so a port is first taken alone, and given back.
 */
import { createServer } from 'node:net';
import { UsherError } from '../domain/errors.ts';

/** @throws UsherError when somebody listens there, or nobody may */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const probe = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      probe.once('error', reject);
      probe.listen({ host, port, exclusive: true }, resolve);
    });
    await new Promise((resolve) => probe.close(resolve));
  } catch (error) {
    throw cannotListen(host, port, (error as NodeJS.ErrnoException).code);
  }
}

export function cannotListen(host: string, port: number, reason = 'unknown'): UsherError {
  return new UsherError(
    'store_unavailable',
    `The server cannot listen on ${host}:${port} (${reason}). ` +
      'Name another with --host and --port, or stop what listens there.',
  );
}
