/**
 * A hardened node:http server that gets its connections from `node-door.ts`. If it refuses a
 * request before a route sees it, the answer is a problem too.
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
  /** Called for each refusal. */
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
      // Node's refusal has no body; `check-request.ts` answers with a problem.
      requireHostHeader: false,
      rejectNonStandardBodyWrites: true,
    },
    listener,
  );
  // `check-request.ts` counts the headers; node would drop the rest silently.
  server.maxHeadersCount = 0;
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = handedSocket(stream);
    // Node tells this once for each request.
    if (error.code === timeoutCode && socket.takesLong) return;
    socket.guard(() => refuse(socket, problemOfError(error), options));
  });
  // Unknown expectations are ignored (RFC 9110, section 10.1.1); node would answer 417 without a
  // body.
  server.on('checkExpectation', listener);
  server.on('connect', (request, stream) => {
    // If the request has a body, the stream is not the socket, and it fails when the socket fails.
    stream.on('error', () => undefined);
    const socket = handedSocket(request.socket);
    socket.guard(() => refuse(socket, malformed('The method CONNECT is not supported.'), options));
  });
  // The check for slow requests starts on `listening`, which a server behind the plain door never
  // emits.
  server.emit('listening');
  return server;
}

const timeoutCode = 'ERR_HTTP_REQUEST_TIMEOUT';

function problemOfError({ code }: NodeJS.ErrnoException): Problem {
  if (code === 'HPE_HEADER_OVERFLOW') return headersTooLarge;
  if (code === timeoutCode) {
    return {
      code: 'request_timeout',
      detail: 'The request took longer than 10 seconds to arrive.',
    };
  }
  return malformed('It is not well-formed HTTP/1.1.');
}

/** Sends the problem after the answer in progress, then closes. Later bytes are not read. */
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

/** Whether the answer can still come: a request that broke off in its body gets none. */
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
