/** One request and its answer: the route, shared checks, counters, and errors as problems. */
import type { IncomingMessage } from 'node:http';
import { admit } from './admission.ts';
import type { Answer, AnyAnswer, Reply } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { TokenProof } from './authenticate.ts';
import { checkAccept, checkRequest, malformed } from './connection/check-request.ts';
import { type ClientAddress, compileClientAddress } from './connection/client-address.ts';
import { handedSocket } from './connection/handed-socket.ts';
import { compileRoutes, type FoundRoute } from './find-route.ts';
import { logFailure } from './log-failure.ts';
import { problemAnswer, problemOf } from './problem-response.ts';
import { requestIdOf } from './request-id.ts';
import type { Route } from './route.ts';
import { routes, unroutedNumber } from './routes.ts';
import { compileUnrouted, type Unrouted } from './unrouted.ts';

interface FoundCall {
  readonly found: FoundRoute | undefined;
  readonly requestId: string;
  readonly isConsole: boolean;
  readonly proof: TokenProof;
}

/** Users call administration below the first path, with the cookie of their session. */
const consoleDoor = '/console/api/v1/';
const administrationDoor = '/admin/v1/';

export class Exchange {
  readonly #context: ApiContext;
  readonly #clientAddress: ClientAddress;
  readonly #findRoute = compileRoutes(routes);
  readonly #judgeUnrouted = compileUnrouted(routes);
  #isDraining = false;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#clientAddress = compileClientAddress(context.trustsProxy);
  }

  /** From now on an answer closes its connection, if nothing waits behind the request. */
  drain(): void {
    this.#isDraining = true;
  }

  /** Sets the message's `url` to its path and query. */
  async answer(message: IncomingMessage): Promise<Reply> {
    const { counters, usage, usageClients, elapsedMs, newRequestId } = this.#context;
    const startedMs = elapsedMs();
    const { headers, method = '' } = message;
    const requestId = requestIdOf(headers['x-request-id']?.toString(), newRequestId);
    const target = originForm(message.url ?? '/');
    const isConsole = target.startsWith(consoleDoor);
    message.url = isConsole ? administrationDoor + target.slice(consoleDoor.length) : target;
    const found = this.#findRoute(method, message.url);
    const number = found?.number;
    // Without a route nothing reads a body, even if all of it arrives before the answer.
    const isIgnored = number === undefined && hasUnreadBody(message);
    const proof = new TokenProof();
    const answer = await this.#answerFound(message, { found, requestId, isConsole, proof });
    const durationMs = number === undefined ? 0 : elapsedMs() - startedMs;
    counters.countAnswer(number ?? unroutedNumber, answer.status, durationMs);
    if (routes[number ?? -1]?.operation.limit === 'audience') {
      usage.countLookup(proof, answer.status, durationMs);
    } else usage.countOther(proof);
    const userAgent = headers['user-agent'] ?? '';
    if (proof.token !== undefined) usageClients.note(proof, this.#addressOf(message), userAgent);
    // Upgrades are ignored, but node:http reads nothing after a request that offers one.
    const offersUpgrade = headers.upgrade !== undefined;
    const isLast = this.#isDraining && !handedSocket(message.socket).hasMore;
    const closes = isLast || isIgnored || hasUnreadBody(message) || offersUpgrade;
    return { answer, requestId, closes };
  }

  async #answerFound(
    message: IncomingMessage,
    { found, requestId, isConsole, proof }: FoundCall,
  ): Promise<AnyAnswer> {
    const { headers, method = '', url = '' } = message;
    if (found === undefined) {
      return problemAnswer(malformed('Its path is not well-formed.'), requestId);
    }
    const wrong = checkRequest(message);
    if (wrong !== undefined) return problemAnswer(wrong, requestId);
    const { number, params } = found;
    if (number === undefined) {
      return this.#refuse(message, this.#judgeUnrouted(method, url), requestId);
    }
    const route = routes[number] as Route;
    const unread = answersJson(route) ? checkAccept(headers.accept) : undefined;
    if (unread !== undefined)
      return this.#refuse(message, { problem: unread, head: '' }, requestId);
    const query = url.slice(url.indexOf('?') + 1 || url.length);
    const address = this.#addressOf(message);
    try {
      const call = { params, query, headers, address, requestId, proof };
      const facts = { ...call, message, isConsole };
      return await route.answer(this.#context, facts);
    } catch (error) {
      logFailure(this.#context.log, { error, requestId, message: 'a call failed' });
      return problemAnswer(problemOf(error), requestId);
    }
  }

  /**
   * Answers a call with a wrong path, method or `Accept` header. On the paths of look-ups a token
   * is still checked and pays one unit: an invalid token is reported first, and each answer to a
   * valid one reports the limit.
   */
  #refuse(message: IncomingMessage, { problem, head }: Unrouted, requestId: string): Answer {
    const { headers, url = '' } = message;
    const { authorization } = headers;
    if (authorization === undefined || !url.startsWith('/audience/')) {
      return problemAnswer(problem, requestId, head);
    }
    const credentials = { authorization, address: this.#addressOf(message) };
    const admission = admit(this.#context, credentials, { kind: 'audience' });
    return problemAnswer(admission.problem ?? problem, requestId, head + admission.head);
  }

  #addressOf({ headers, socket }: IncomingMessage): string {
    return this.#clientAddress(socket.remoteAddress ?? '', headers['x-forwarded-for']?.toString());
  }
}

/** The path of a target in absolute form (RFC 9112, section 3.2.2); others unchanged. */
function originForm(target: string): string {
  const rest = /^https?:\/\/[^/?#]*(.*)$/is.exec(target)?.[1];
  if (rest === undefined) return target;
  return rest.startsWith('/') ? rest : `/${rest}`;
}

/** On an open connection an unread body would be parsed as the next request. */
function hasUnreadBody({ headers, complete }: IncomingMessage): boolean {
  const hasBody =
    headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return hasBody && !complete;
}

function answersJson({ operation }: Route): boolean {
  return Object.values(operation.answers).every(
    ({ mediaType = 'application/json' }) => mediaType === 'application/json',
  );
}
