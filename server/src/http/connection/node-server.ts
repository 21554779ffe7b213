/**
 * The node:http server, hardened. It takes connections by its `connection` event, from
 * `node-door.ts`. What it refuses itself, before there is a request, is answered with a problem as
 * well.
 */
import {
  createServer,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Problem } from '../../domain/problem.ts';
import { connectionCheckMs, keepAliveMs, maxHeaderBytes, requestDeadlineMs } from '../limits.ts';
import { problemAnswer, problemStatus } from '../problem-response.ts';
import { headersTooLarge, malformed } from './check-request.ts';
import { type HandedSocket, handedSocket } from './handed-socket.ts';

export interface NodeServerOptions {
  readonly listener: RequestListener;
  readonly newRequestId: () => string;
  /** Told of each refusal, with its status. */
  readonly onRefusal: (status: number) => void;
}

export function createNodeServer(options: NodeServerOptions): Server {
  const listener: RequestListener = (request, response) => {
    const socket = handedSocket(request.socket);
    socket.onRequest(request, response);
    socket.guard(() => options.listener(request, response));
  };
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: requestDeadlineMs,
      requestTimeout: requestDeadlineMs,
      keepAliveTimeout: keepAliveMs,
      connectionsCheckingInterval: connectionCheckMs,
      insecureHTTPParser: false,
      joinDuplicateHeaders: false,
      // Its own refusal has no body; `check-request.ts` says it in a problem.
      requireHostHeader: false,
      rejectNonStandardBodyWrites: true,
    },
    listener,
  );
  // Counted by `check-request.ts`; node would drop the rest of too many in silence.
  server.maxHeadersCount = 0;
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = handedSocket(stream);
    socket.guard(() => refuse(socket, problemOfError(error), options));
  });
  // An expectation we do not know is ignored, as RFC 9110 (section 10.1.1) allows; node would
  // answer 417 without a body.
  server.on('checkExpectation', listener);
  server.on('connect', (request, stream) => {
    // Where the request has a body, the stream is another than the socket, and fails with it.
    stream.on('error', () => undefined);
    const socket = handedSocket(request.socket);
    socket.guard(() => refuse(socket, malformed('CONNECT is not served.'), options));
  });
  // Its watch over slow connections begins when it listens, which a server behind the fast lane
  // never does.
  server.emit('listening');
  return server;
}

function problemOfError({ code }: NodeJS.ErrnoException): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge;
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return {
      code: 'request_timeout',
      detail: 'The request took longer than 10 seconds to arrive.',
    };
  }
  return malformed('It is not well-formed HTTP/1.1.');
}

/**
 * Sends the problem after the answer that is on its way, if any, then closes. What follows is not
 * read.
 */
function refuse(socket: HandedSocket, problem: Problem, options: NodeServerOptions): void {
  socket.stop();
  const answering = socket._httpMessage;
  if (!socket.writable || socket.destroyed) {
    socket.destroy();
  } else if (answering && !answering.writableFinished && isAnswerable(answering)) {
    answering.once('close', () => socket.guard(() => sendRefusal(socket, problem, options)));
  } else {
    sendRefusal(socket, problem, options);
  }
}

/**
 * Whether the answer can still come: a request that broke off in its body is never answered by its
 * route.
 */
function isAnswerable({ req, headersSent }: ServerResponse): boolean {
  return req.complete || headersSent;
}

function sendRefusal(socket: HandedSocket, problem: Problem, options: NodeServerOptions): void {
  if (!socket.writable) return;
  const requestId = options.newRequestId();
  const { status, head, body } = problemAnswer(problem, requestId);
  options.onRefusal(problemStatus(problem));
  const line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  const own = `X-Request-Id: ${requestId}\r\nDate: ${new Date().toUTCString()}\r\n`;
  socket.end(
    `${line}${head}${own}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
    'latin1',
  );
}
