/** The small shape of a route: one operation of the contract, and how its calls are answered. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Operation } from '@usher/contract/operation';
import type { Awaitable } from '../stores/store.ts';
import type { Answer } from './answer.ts';
import type { ApiContext } from './api-context.ts';

/** A request whose form is sound, before anybody asked who calls. */
export interface RequestFacts {
  /** Parameters of the path, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** What follows `?`, as sent. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the socket. */
  readonly peer: string;
  /** Of the client, as believed. */
  readonly address: string;
  readonly requestId: string;
  /** For its body. */
  readonly message: IncomingMessage;
}

/** Bytes instead of latin1 text, for what is not small. */
export interface BytesAnswer extends Omit<Answer, 'body'> {
  readonly body: Buffer;
}

export interface Route {
  readonly operation: Operation;
  /** Values are expected problems; what is thrown becomes a problem in `server.ts`. */
  answer(context: ApiContext, request: RequestFacts): Awaitable<Answer | BytesAnswer>;
}
