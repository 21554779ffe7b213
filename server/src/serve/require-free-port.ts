/**
 * Checks that a port is free by listening on it alone for a moment. Threads share a port by
 * SO_REUSEPORT, which would also share it with another program unnoticed.
 */
import { createServer } from 'node:net';
import { UsherError } from '../domain/errors.ts';

/** @throws UsherError when the port is in use or not allowed */
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
      'Choose others with --host and --port, or stop the program that listens there.',
  );
}
