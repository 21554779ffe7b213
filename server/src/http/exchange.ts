/** One request and its answer: shared checks, counters, and errors as problems. */
import type { IncomingMessage } from 'node:http';
import type { Problem } from '../domain/problem.ts';
import { admit } from './admission.ts';
import type { Answer, BytesAnswer, Reply } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import { checkAccept, checkRequest, malformed } from './connection/check-request.ts';
import { type ClientAddress, compileClientAddress } from './connection/client-address.ts';
import { problemAnswer, problemOf } from './problem-response.ts';
import { requestIdOf } from './request-id.ts';
import type { RequestFacts, Route } from './route.ts';
import { routes, unroutedNumber } from './routes.ts';
import { compileUnrouted } from './unrouted.ts';

export interface Incoming {
  readonly message: IncomingMessage;
  /** The socket's address. */
  readonly peer: string;
}

export class Exchange {
  readonly #context: ApiContext;
  readonly #clientAddress: ClientAddress;
  readonly #judgeUnrouted = compileUnrouted(routes);
  #isDraining = false;

  constructor(context: ApiContext) {
    this.#context = context;
    this.#clientAddress = compileClientAddress(context.trustsProxy);
  }

  /** From now on each answer closes its connection. */
  drain(): void {
    this.#isDraining = true;
  }

  /** @param number the route's index in `routes` */
  async answer(incoming: Incoming & Pick<RequestFacts, 'params'>, number: number): Promise<Reply> {
    const { elapsedMs } = this.#context;
    const startedMs = elapsedMs();
    const requestId = this.#requestId(incoming);
    const answer = await this.#answerRoute(incoming, { number, requestId });
    this.#context.counters.countAnswer(number, answer.status, elapsedMs() - startedMs);
    return this.#reply(incoming, answer, requestId);
  }

  /** Answers a request that no route matches. */
  answerUnrouted(incoming: Incoming): Reply {
    const { message } = incoming;
    const wrong = checkRequest(message);
    if (wrong !== undefined) return this.#replyUnrouted(incoming, wrong);
    const { problem, head } = this.#judgeUnrouted(message.method ?? '', message.url ?? '');
    const refusal = this.#chargeRefusal(incoming, problem);
    return this.#replyUnrouted(incoming, refusal.problem, head + refusal.head);
  }

  /** Answers a request with a malformed path. */
  refuse(incoming: Incoming): Reply {
    return this.#replyUnrouted(incoming, malformed('Its path is not well-formed.'));
  }

  async #answerRoute(
    incoming: Incoming & Pick<RequestFacts, 'params'>,
    { number, requestId }: { readonly number: number; readonly requestId: string },
  ): Promise<Answer | BytesAnswer> {
    const route = routes[number] as Route;
    const { message, peer, params } = incoming;
    const { headers, url = '' } = message;
    const wrong = checkRequest(message);
    if (wrong !== undefined) return problemAnswer(wrong, requestId);
    const unread = answersJson(route) ? checkAccept(headers.accept) : undefined;
    if (unread !== undefined) {
      const { problem, head } = this.#chargeRefusal(incoming, unread);
      return problemAnswer(problem, requestId, head);
    }
    const query = url.slice(url.indexOf('?') + 1 || url.length);
    const address = this.#addressOf(incoming);
    try {
      const facts = { params, query, headers, peer, address, requestId, message };
      return await route.answer(this.#context, facts);
    } catch (error) {
      this.#context.log.error({ error, request_id: requestId }, 'a call failed');
      return problemAnswer(problemOf(error), requestId);
    }
  }

  /**
   * The problem of a call with a wrong method or `Accept` header. On the paths of look-ups a token
   * is still checked and pays one unit: an invalid token is reported first, and each answer to a
   * valid one reports the limit.
   */
  #chargeRefusal(incoming: Incoming, problem: Problem): { problem: Problem; head: string } {
    const { headers, url = '' } = incoming.message;
    const { authorization } = headers;
    if (authorization === undefined || !url.startsWith('/audience/')) return { problem, head: '' };
    const credentials = { authorization, address: this.#addressOf(incoming) };
    const admission = admit(this.#context, credentials, { kind: 'audience' });
    return { problem: admission.problem ?? problem, head: admission.head };
  }

  #replyUnrouted(incoming: Incoming, problem: Problem, head = ''): Reply {
    const requestId = this.#requestId(incoming);
    const answer = problemAnswer(problem, requestId, head);
    this.#context.counters.countAnswer(unroutedNumber, answer.status, 0);
    return this.#reply(incoming, answer, requestId);
  }

  #reply({ message }: Incoming, answer: Answer | BytesAnswer, requestId: string): Reply {
    // Upgrades are ignored, but node:http reads nothing after a request that offers one.
    const offersUpgrade = message.headers.upgrade !== undefined;
    const closes = this.#isDraining || hasUnreadBody(message) || offersUpgrade;
    return { answer, requestId, closes };
  }

  #addressOf({ message, peer }: Incoming): string {
    return this.#clientAddress(peer, message.headers['x-forwarded-for']?.toString());
  }

  #requestId({ message }: Incoming): string {
    const own = message.headers['x-request-id']?.toString();
    return requestIdOf(own, this.#context.newRequestId);
  }
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
