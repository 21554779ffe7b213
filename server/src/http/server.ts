/** The HTTP server for everything but plain look-ups. */
import type { Server } from 'node:http';
import { sendAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { handedSocket } from './connection/handed-socket.ts';
import { createNodeServer } from './connection/node-server.ts';
import { Exchange } from './exchange.ts';
import { unroutedNumber } from './routes.ts';

export interface ApiServer {
  /** Takes connections through its `connection` event, or listens itself. */
  readonly httpServer: Server;
  /** From now on an answer closes its connection, if nothing waits behind the request. */
  drain(): void;
  /** Closes all connections. */
  close(): Promise<void>;
}

export function buildServer(context: ApiContext): ApiServer {
  const exchange = new Exchange(context);
  const httpServer = createNodeServer({
    listener: (request, response) => {
      exchange
        .answer(request)
        .then((reply) => sendAnswer(response, reply))
        .catch((error: unknown) => handedSocket(request.socket).fail(error));
    },
    newRequestId: context.newRequestId,
    onRefusal: (status) => {
      context.counters.countAnswer(unroutedNumber, status, 0);
      context.counters.count('connection_errors');
    },
  });
  return {
    httpServer,
    // Keeps connections open that node:http calls idle: one may have a request that waits here.
    drain: () => exchange.drain(),
    close: async () => {
      httpServer.closeAllConnections();
      await new Promise((resolve) => httpServer.close(resolve));
    },
  };
}
