/** A route: one operation of the contract, and how its calls are answered. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Operation } from '@usher/contract/operation';
import type { Awaitable } from '../stores/store.ts';
import type { AnyAnswer } from './answer.ts';
import type { ApiContext } from './api-context.ts';
import type { TokenProof } from './authenticate.ts';

/** A well-formed request, before its caller is known. */
export interface RequestFacts {
  /** Parameters of the path, percent-decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The text after `?`, as sent. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  /** The client's address (`client-address.ts`). */
  readonly address: string;
  readonly requestId: string;
  /** Gets the token of the call. */
  readonly proof: TokenProof;
  readonly message: IncomingMessage;
  /** Whether the request came below `/console/api/v1`: its caller is a user, and no token. */
  readonly isConsole: boolean;
}

export interface Route {
  readonly operation: Operation;
  /** Never throws expected problems. Anything thrown becomes a problem in `exchange.ts`. */
  answer(context: ApiContext, request: RequestFacts): Awaitable<AnyAnswer>;
}
