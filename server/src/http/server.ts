/** The HTTP server for everything but plain look-ups: finds the route, answers and sends. */
import type { IncomingMessage, Server } from 'node:http';
import { type Reply, sendAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { handedSocket } from './connection/handed-socket.ts';
import { createNodeServer } from './connection/node-server.ts';
import { Exchange } from './exchange.ts';
import { compileRoutes } from './find-route.ts';
import { routes, unroutedNumber } from './routes.ts';

export interface ApiServer {
  /** Takes connections through its `connection` event, or listens itself. */
  readonly httpServer: Server;
  /** Closes idle connections, and each other one with its next answer. */
  drain(): void;
  /** Closes all connections. */
  close(): Promise<void>;
}

export function buildServer(context: ApiContext): ApiServer {
  const exchange = new Exchange(context);
  const findRoute = compileRoutes(routes);
  const answer = async (message: IncomingMessage): Promise<Reply> => {
    const target = originForm(message.url ?? '/');
    message.url = target;
    const incoming = { message, peer: message.socket.remoteAddress ?? '' };
    const found = findRoute(message.method ?? '', target);
    if (found === undefined) return exchange.refuse(incoming);
    const { number, params } = found;
    if (number === undefined) return exchange.answerUnrouted(incoming);
    return exchange.answer({ ...incoming, params }, number);
  };
  const httpServer = createNodeServer({
    listener: (request, response) => {
      answer(request)
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
    drain: () => {
      exchange.drain();
      httpServer.closeIdleConnections();
    },
    close: async () => {
      httpServer.closeAllConnections();
      await new Promise((resolve) => httpServer.close(resolve));
    },
  };
}

/** The path of a target in absolute form (RFC 9112, section 3.2.2); others unchanged. */
function originForm(target: string): string {
  const rest = /^https?:\/\/[^/?#]*(.*)$/is.exec(target)?.[1];
  if (rest === undefined) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
