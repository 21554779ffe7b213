/**
 * A thread that floods a server: its connections repeat one request as fast as the server accepts
 * it.
 */
import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

export interface FloodOptions {
  readonly port: number;
  readonly connections: number;
  /** The request to repeat. */
  readonly request: string;
  /** How many bytes a connection sends at once. */
  readonly bytesAtOnce: number;
  /** Whether the clients read their answers. */
  readonly reads: boolean;
}

function flood({ port, connections, request, bytesAtOnce, reads }: FloodOptions): void {
  const bytes = Buffer.from(request.repeat(Math.ceil(bytesAtOnce / request.length)));
  let open = 0;
  const openOne = () => {
    const socket = connect({ port, host: '127.0.0.1' });
    const send = () => {
      while (socket.write(bytes));
    };
    socket.on('connect', () => {
      open += 1;
      if (open === connections) parentPort?.postMessage('flooding');
      send();
    });
    socket.on('drain', send);
    socket.on('error', () => undefined);
    // Reopens connections that the server closes.
    socket.on('close', () => {
      open -= 1;
      openOne();
    });
    if (reads) socket.on('data', () => undefined);
  };
  for (let made = 0; made < connections; made += 1) openOne();
}

flood(workerData as FloodOptions);
