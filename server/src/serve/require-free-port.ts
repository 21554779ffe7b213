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

/** System error codes in words. */
const reasons: ReadonlyMap<string | undefined, string> = new Map([
  ['EADDRINUSE', 'another program uses the port'],
  ['EACCES', 'this account may not use the port'],
  ['EADDRNOTAVAIL', 'this machine does not have the address'],
  ['ENOTFOUND', 'the host name is unknown'],
]);

/** @param code of the system's error */
export function cannotListen(host: string, port: number, code: string | undefined): UsherError {
  const reason = reasons.get(code) ?? code ?? 'the reason is unknown';
  return new UsherError(
    'store_unavailable',
    `The server cannot listen on ${host}:${port} (${reason}). ` +
      'Choose others with --host and --port, or stop the program that listens there.',
  );
}
