/**
 * The server of everything but the plain look-up: the one file that knows Fastify, which finds the
 * route of a request. Each request is checked, answered by its route and counted (`exchange.ts`).
 */
import type { Server } from 'node:http';
import { type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { headPairs } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { handedSocket } from './connection/handed-socket.ts';
import { createNodeServer } from './connection/node-server.ts';
import { Exchange, type Incoming, type Reply } from './exchange.ts';
import { maxPathParameterLength } from './limits.ts';
import { routes, unroutedNumber } from './routes.ts';

export interface ApiServer {
  /** Takes connections by its `connection` event, or listens itself. */
  readonly httpServer: Server;
  /** From now on each answer closes its connection; idle ones are closed. */
  drain(): void;
  /** Closes what is left. */
  close(): Promise<void>;
}

export async function buildServer(context: ApiContext): Promise<ApiServer> {
  const exchange = new Exchange(context);
  const app = fastify({
    serverFactory: (listener) => createNodeServer({ listener, ...refusals(context) }),
    // `node-server.ts` answers these.
    clientErrorHandler: () => undefined,
    // A HEAD is a GET whose body `send` leaves away, also where it is refused.
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: maxPathParameterLength },
    rewriteUrl: (request) => originForm(request.url ?? '/'),
    frameworkErrors: (_error, request, reply) =>
      sendSafely(reply, () => exchange.refuse(incomingOf(request))),
    // Shapes are checked by `check-call.ts`: the framework's own compilers are neither needed nor
    // loaded.
    schemaController: {
      compilersFactory: { buildValidator: () => noCompiler, buildSerializer: () => noCompiler },
    },
  });
  // In the first hook, since before a handler runs the framework would read and judge the body;
  // ours waits for who calls. It is never told to go on, so this is all that it does with a
  // request.
  app.addHook('onRequest', (request, reply, _goOn) => {
    answerRequest(exchange, request)
      .then((answered) => send(reply, answered))
      .catch((error: unknown) => handedSocket(request.raw.socket).fail(error));
  });
  for (const [route, { operation }] of routes.entries()) {
    const config: RouteConfig = { route };
    const url = operation.path.replace(/\{([a-z]+)\}/g, ':$1');
    const method = operation.method === 'GET' ? ['GET', 'HEAD'] : operation.method;
    app.route({ method, url, config, handler: answeredBefore });
  }
  app.setNotFoundHandler(answeredBefore);
  app.setErrorHandler((error, request, reply) =>
    sendSafely(reply, () => exchange.fail(incomingOf(request), error)),
  );
  await app.ready();
  return {
    httpServer: app.server,
    drain: () => {
      exchange.drain();
      app.server.closeIdleConnections();
    },
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

async function answerRequest(exchange: Exchange, request: FastifyRequest): Promise<Reply> {
  const { route } = request.routeOptions.config as RouteConfig;
  const incoming = incomingOf(request);
  if (request.is404 || route === undefined) return exchange.answerUnrouted(incoming);
  const params = request.params as Readonly<Record<string, string>>;
  return exchange.answer({ ...incoming, params }, route);
}

function incomingOf({ raw, socket }: FastifyRequest): Incoming {
  return { message: raw, peer: socket.remoteAddress ?? '' };
}

/** The number of the route that a request was found to be for. */
interface RouteConfig {
  readonly route?: number;
}

function refusals(context: ApiContext) {
  const { newRequestId, counters } = context;
  return {
    newRequestId,
    onRefusal: (status: number) => {
      counters.countAnswer(unroutedNumber, status, 0);
      counters.count('connection_errors');
    },
  };
}

/**
 * Where the framework has failed already, another failure would be nobody's: it closes the
 * connection.
 */
function sendSafely(reply: FastifyReply, answer: () => Reply): void {
  handedSocket(reply.request.raw.socket).guard(() => send(reply, answer()));
}

function send(reply: FastifyReply, { answer, requestId, isUnread, closes }: Reply): FastifyReply {
  reply.code(answer.status);
  for (const [name, value] of headPairs(answer.head)) reply.header(name, value);
  reply.header('X-Request-Id', requestId);
  if (closes) reply.header('Connection', 'close');
  const { body } = answer;
  const { method } = reply.request;
  // The length of latin1 text is that of its bytes. A 304 tells none: it would be that of the 200.
  const tellsLength = answer.status !== 304 && (method === 'HEAD' || isUnread);
  if (tellsLength) reply.header('Content-Length', body.length);
  if (body.length === 0 || method === 'HEAD') return reply.send();
  if (typeof body !== 'string') return reply.send(body);
  const bytes = Buffer.from(body, 'latin1');
  // As text it goes out in one piece with the head; but to the type of a text, as problems have it,
  // a charset would be added.
  return reply.send(answer.status < 400 ? bytes.toString() : bytes);
}

function answeredBefore(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply;
}

function noCompiler(): never {
  throw new Error('no route of the framework has a schema');
}

/** A target in absolute form (RFC 9112, section 3.2.2) as the path it names. */
function originForm(target: string): string {
  const rest = /^https?:\/\/[^/?#]*(.*)$/is.exec(target)?.[1];
  if (rest === undefined) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}
