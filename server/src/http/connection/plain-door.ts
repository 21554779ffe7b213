/**
 * Answers plain look-ups (see `request-head.ts`) from the received text. The first other request
 * moves the connection to `node-door.ts` for good.
 */
import { STATUS_CODES } from 'node:http';
import type { AnswerArena } from '../../lookup/answer-arena.ts';
import { copyAll } from '../../lookup/render-contact.ts';
import { type Answer, isPlaced, type PlacedAnswer } from '../answer.ts';
import type { TokenProof } from '../authenticate.ts';
import {
  type FixedText,
  fixedText,
  type HeadPiece,
  type HeadPieces,
  lengthOf,
  textOf,
  writePieces,
} from '../head-pieces.ts';
import { answerLookup, type LookupCall, type LookupContext } from '../lookup/answer-lookup.ts';
import {
  answerRepeated,
  headRoom,
  type PreparedLookup,
  prepareLookup,
  stillKnown,
} from '../lookup/prepared-lookup.ts';
import type { Received } from './adopt-socket.ts';
import type { Connection, Door } from './connection.ts';
import { RepeatedRequest } from './repeated-request.ts';
import { isUnfinishedHead, type RequestHead, RequestHeadReader } from './request-head.ts';

/** A call, with what is counted of it. */
export interface PlainCall extends LookupCall {
  /** Has the token of the call, if it has a valid one. */
  readonly proof: TokenProof;
  readonly userAgent: string;
  /** The header `X-Request-Id`. */
  readonly requestIdSent: string | undefined;
}

/** Shared by the plain doors of a thread. */
export interface PlainDoors {
  readonly context: LookupContext;
  /** The client's address (`client-address.ts`). */
  readonly clientAddress: (peer: string, forwardedFor: string | undefined) => string;
  /** The request's id (`request-id.ts`). */
  readonly requestId: (own: string | undefined) => HeadPiece;
  readonly onAnswer: (status: number, startedMs: number, call: PlainCall) => void;
  /**
   * Called when a look-up fails, or when a connection fails, which has no id (`''`). Never throws.
   */
  readonly onError: (error: unknown, requestId: string) => void;
  /** A monotonic clock in milliseconds. */
  readonly clock: () => number;
  /** Whether an answer closes its connection, if nothing waits behind the request. */
  readonly isDraining: () => boolean;
  /** The `Date` header's value. */
  readonly date: () => FixedText;
  /** Where answers to repeated requests wait to be sent. */
  readonly arena: AnswerArena;
  /** Called after each look-up that may share its moment of the store with others of the turn. */
  readonly afterShared: () => void;
  /** Moves the connection to `NodeDoor`. */
  readonly handOver: (connection: Connection) => void;
}

export class PlainDoor implements Door {
  readonly #doors: PlainDoors;
  readonly #connection: Connection;
  readonly #heads = new RequestHeadReader();
  readonly #repeated = new RepeatedRequest();
  /** Of the request that `#repeated` keeps. */
  #call: PlainCall | undefined;
  #prepared: PreparedLookup | undefined;
  /** The client's address when no proxy reports another. */
  readonly #address: string;
  #isWaiting = false;
  #waitsForMore = true;
  /** Whether nothing was received behind the request that is answered. */
  #isLast = true;

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
      this.#isLast = head.end === text.length;
      const call = this.#answer(head);
      this.#keep(text.slice(from, head.end), call);
      return head.end;
    }
    // A pipelined request may arrive in parts. An unfinished first request goes to `NodeDoor`,
    // which limits its time.
    const isPipelined = from > 0 && this.#waitsForMore && isUnfinishedHead(text, from);
    if (!isPipelined) this.#doors.handOver(this.#connection);
    return from;
  }

  takeKnown(received: Received): boolean {
    const identity = this.#repeated.identityOf(received);
    const call = this.#call;
    if (identity === undefined || call === undefined || this.#doors.isDraining()) return false;
    return this.#answerKnown(call, identity);
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

  #keep(text: string, call: PlainCall): void {
    this.#repeated.keep(text);
    this.#call = call;
    this.#prepared = undefined;
  }

  /** `call` with another identity. `false`: it is to be read. */
  #answerKnown(call: PlainCall, identity: string): boolean {
    const doors = this.#doors;
    const { context, arena } = doors;
    // A request is prepared for when it comes a second time, and again when the catalog changed.
    if (this.#prepared?.state !== context.catalog.current()) {
      this.#prepared = prepareLookup(context, call, arena);
    }
    const nowMs = context.clock();
    const known = stillKnown(context, this.#prepared, nowMs);
    if (known === undefined) return false;
    const startedMs = doors.clock();
    const requestId = doors.requestId(call.requestIdSent);
    const asked = { identity, requestId, nowMs };
    const answer = answerRepeated(context, known, asked, doors.onError);
    doors.afterShared();
    const answered = { call, requestId, startedMs };
    if (isPlaced(answer)) this.#writePlaced(answer, answered);
    else this.#write(answer, answered);
    return true;
  }

  #answer(head: RequestHead): PlainCall {
    const doors = this.#doors;
    const { headers } = head;
    const startedMs = doors.clock();
    const requestId = textOf(doors.requestId(headers.requestId));
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
      requestIdSent: headers.requestId,
    };
    const answer = answerLookup(doors.context, call, doors.onError);
    if (answer instanceof Promise) this.#await(answer, { call, requestId, startedMs });
    else this.#write(answer, { call, requestId, startedMs });
    return call;
  }

  #await(answer: Promise<Answer>, answered: Answered): void {
    const connection = this.#connection;
    this.#isWaiting = true;
    answer.then(
      (ready) =>
        connection.guard(() => {
          this.#isWaiting = false;
          if (!connection.isOpen) return;
          this.#isLast = !connection.hasMore;
          this.#write(ready, answered);
          connection.wake();
        }),
      (error: unknown) => connection.fail(error),
    );
  }

  #write(answer: Answer, answered: Answered): void {
    const doors = this.#doors;
    const { call, startedMs } = answered;
    const { status, body } = answer;
    const length = status === 304 ? undefined : body.length;
    const closes = doors.isDraining() && this.#isLast;
    const end = textOf(this.#endOfHead(length, answered, closes));
    const head = statusLine(status).text + answer.head + end;
    const text = head + body;
    doors.onAnswer(status, startedMs, call);
    this.#connection.answer(text, startedMs);
    if (closes) this.#connection.finish();
  }

  #writePlaced(answer: PlacedAnswer, answered: Answered): void {
    const { status, head, body } = answer;
    const { block, view, start, end } = body;
    const first = statusLine(status);
    const last = this.#endOfHead(end - start, answered, false);
    const length = first.text.length + lengthOf(head) + lengthOf(last);
    if (length > headRoom) {
      const text = block.toString('latin1', start, end);
      this.#write({ status, head: textOf(head), body: text }, answered);
      return;
    }
    const { call, startedMs } = answered;
    const place = { block, view, start: start - length, end };
    const headStart = copyAll(first.bytes, view, place.start);
    writePieces(last, view, writePieces(head, view, headStart));
    this.#doors.onAnswer(status, startedMs, call);
    this.#connection.answerPlaced(place, startedMs);
  }

  #endOfHead(length: number | undefined, { requestId }: Answered, closes: boolean): HeadPieces {
    const { date } = this.#doors;
    const end = closes ? closeLine : keepAliveLine;
    if (length === undefined) return [idStart, requestId, dateStart, date(), end];
    return [lengthStart, length, lengthAndIdStart, requestId, dateStart, date(), end];
  }
}

const statusLines = new Map<number, FixedText>();

function statusLine(status: number): FixedText {
  const known = statusLines.get(status);
  if (known !== undefined) return known;
  const line = fixedText(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`);
  statusLines.set(status, line);
  return line;
}

const lengthStart = fixedText('Content-Length: ');
const lengthAndIdStart = fixedText('\r\nX-Request-Id: ');
const idStart = fixedText('X-Request-Id: ');
const dateStart = fixedText('\r\nDate: ');
const keepAliveLine = fixedText('\r\nConnection: keep-alive\r\n\r\n');
const closeLine = fixedText('\r\nConnection: close\r\n\r\n');

/** What the head and the counts of an answer need. */
interface Answered {
  readonly call: PlainCall;
  readonly requestId: HeadPiece;
  /** Monotonic. */
  readonly startedMs: number;
}
