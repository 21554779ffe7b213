/** Waits until a started program is ready, and finds a free port for it. */
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { RunningProgram } from './run-program.ts';

export interface Expectation {
  readonly what: string;
  readonly within: number;
  readonly of?: RunningProgram;
}

/**
 * Waits until a condition holds.
 * @throws if it does not hold within that many milliseconds, or if its program ends
 */
export async function waitUntil(
  condition: () => Promise<boolean>,
  { what, within, of: program }: Expectation,
): Promise<void> {
  const deadline = performance.now() + within;
  while (!(await condition())) {
    if (program?.isRunning() === false) throw new Error(`${what}: the program ended. See its log`);
    if (performance.now() > deadline) throw new Error(`${what}: not ready within ${within} ms`);
    await wait(5);
  }
}

/** Whether the address answers 200. */
export async function answers(url: string, headers: Record<string, string> = {}): Promise<boolean> {
  try {
    const response = await fetch(url, { headers });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Whether a server accepts connections on this port of the loopback address. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** A port of the loopback address that is free at this moment. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('no port'));
        else resolve(address.port);
      });
    });
  });
}
