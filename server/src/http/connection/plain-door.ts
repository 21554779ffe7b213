/**
 * Answers plain look-ups (see `request-head.ts`) from the received text. The first other request
 * moves the connection to `node-door.ts` for good.
 */
import { STATUS_CODES } from 'node:http';
import type { Answer } from '../answer.ts';
import type { TokenProof } from '../authenticate.ts';
import { answerLookup, type LookupCall, type LookupContext } from '../lookup/answer-lookup.ts';
import type { Connection, Door } from './connection.ts';
import { isUnfinishedHead, type RequestHead, RequestHeadReader } from './request-head.ts';

/** A call, with what is counted of it. */
export interface PlainCall extends LookupCall {
  /** Has the token of the call, if it has a valid one. */
  readonly proof: TokenProof;
  readonly userAgent: string;
}

/** Shared by the plain doors of a thread. */
export interface PlainDoors {
  readonly context: LookupContext;
  /** The client's address (`client-address.ts`). */
  readonly clientAddress: (peer: string, forwardedFor: string | undefined) => string;
  /** The request's id (`request-id.ts`). */
  readonly requestId: (own: string | undefined) => string;
  readonly onAnswer: (status: number, startedMs: number, call: PlainCall) => void;
  /**
   * Called when a look-up fails, or when a connection fails, which has no id (`''`). Never throws.
   */
  readonly onError: (error: unknown, requestId: string) => void;
  /** A monotonic clock in milliseconds. */
  readonly clock: () => number;
  /** Whether each answer closes its connection. */
  readonly isDraining: () => boolean;
  /** The `Date` header's value. */
  readonly date: () => string;
  /** Moves the connection to `NodeDoor`. */
  readonly handOver: (connection: Connection) => void;
}

export class PlainDoor implements Door {
  readonly #doors: PlainDoors;
  readonly #connection: Connection;
  readonly #heads = new RequestHeadReader();
  /** The client's address when no proxy reports another. */
  readonly #address: string;
  #isWaiting = false;
  #waitsForMore = true;

  constructor(doors: PlainDoors, connection: Connection) {
    this.#doors = doors;
    this.#connection = connection;
    this.#address = doors.clientAddress(connection.peer, undefined);
  }

  get isReady(): boolean {
    return !this.#isWaiting;
  }

  get isIdle(): boolean {
    return !this.#isWaiting;
  }

  take(text: string, from: number): number {
    const head = this.#heads.read(text, from);
    if (head !== undefined) {
      this.#answer(head);
      return head.end;
    }
    // A pipelined request may arrive in parts. An unfinished first request goes to `NodeDoor`,
    // which limits its time.
    const isPipelined = from > 0 && this.#waitsForMore && isUnfinishedHead(text, from);
    if (!isPipelined) this.#doors.handOver(this.#connection);
    return from;
  }

  giveUpWaiting(): void {
    this.#waitsForMore = false;
  }

  /** Look-ups are short: a client that only closed its sending side gets its answers. */
  clientEnded(): void {}

  end(): void {
    this.#connection.finish();
  }

  drained(): void {}

  closed(): void {}

  #answer(head: RequestHead): void {
    const doors = this.#doors;
    const { headers } = head;
    const startedMs = doors.clock();
    const requestId = doors.requestId(headers.requestId);
    const call: PlainCall = {
      query: head.query,
      authorization: headers.authorization,
      ifNoneMatch: headers.ifNoneMatch,
      prefer: headers.prefer,
      freshness: headers.freshness,
      minRevision: headers.minRevision,
      actor: headers.actor,
      address:
        headers.forwardedFor === undefined
          ? this.#address
          : doors.clientAddress(this.#connection.peer, headers.forwardedFor),
      requestId,
      proof: headers.proof,
      userAgent: headers.userAgent,
    };
    const answer = answerLookup(doors.context, call, doors.onError);
    if (answer instanceof Promise) this.#await(answer, call, startedMs);
    else this.#write(answer, call, startedMs);
  }

  #await(answer: Promise<Answer>, call: PlainCall, startedMs: number): void {
    const connection = this.#connection;
    this.#isWaiting = true;
    answer.then(
      (ready) =>
        connection.guard(() => {
          this.#isWaiting = false;
          if (!connection.isOpen) return;
          this.#write(ready, call, startedMs);
          connection.wake();
        }),
      (error: unknown) => connection.fail(error),
    );
  }

  #write(answer: Answer, call: PlainCall, startedMs: number): void {
    const doors = this.#doors;
    const closes = doors.isDraining();
    const head = `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${answer.head}`;
    const length = answer.status === 304 ? '' : `Content-Length: ${answer.body.length}\r\n`;
    const connection = closes ? 'close' : 'keep-alive';
    const text = `${head}${length}X-Request-Id: ${call.requestId}\r\nDate: ${doors.date()}\r\nConnection: ${connection}\r\n\r\n${answer.body}`;
    doors.onAnswer(answer.status, startedMs, call);
    this.#connection.answer(text, startedMs);
    if (closes) this.#connection.finish();
  }
}
