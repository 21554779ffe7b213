/** An answer in the form that is cheapest to send: header lines, and UTF-8 bytes as latin1 text. */
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Problem } from '../domain/problem.ts';
import type { ArenaPlace } from '../lookup/answer-arena.ts';
import { type HeadPieces, textOf } from './head-pieces.ts';

export interface Answer {
  readonly status: number;
  /** CRLF-terminated lines, without `Content-Length`, `Date`, `X-Request-Id` and `Connection`. */
  readonly head: string;
  /** Empty for 304. */
  readonly body: string;
}

/** An answer with bytes instead of latin1 text, for large bodies. */
export interface BytesAnswer extends Omit<Answer, 'body'> {
  readonly body: Buffer;
}

/** An answer that is sent while it is made. If the caller goes away, the texts are not read on. */
export interface StreamAnswer extends Omit<Answer, 'body'> {
  readonly texts: AsyncIterable<string>;
  /**
   * Says why the texts end before their time. Missing: the stream itself looks whether its caller
   * may go on.
   */
  readonly lastText?: (problem: Problem) => string;
}

/** An answer whose head is not yet made into a text. */
export interface PiecedAnswer<Body> extends Omit<Answer, 'head' | 'body'> {
  readonly head: HeadPieces;
  readonly body: Body;
}

/** An answer whose body is in the arena of the thread. */
export type PlacedAnswer = PiecedAnswer<ArenaPlace>;

export function isPlaced(answer: Answer | PlacedAnswer): answer is PlacedAnswer {
  return typeof answer.body !== 'string';
}

/** The head of a placed answer stays in pieces. */
export function textUnlessPlaced({
  status,
  head,
  body,
}: PiecedAnswer<ArenaPlace | string>): Answer | PlacedAnswer {
  return typeof body === 'string' ? textAnswer({ status, head, body }) : { status, head, body };
}

export function textAnswer({ status, head, body }: PiecedAnswer<string>): Answer {
  return { status, head: textOf(head), body };
}

export type AnyAnswer = Answer | BytesAnswer | StreamAnswer;

/**
 * One header line.
 * @throws Error for a line break in the value, which would be a defect
 */
export function headLine(name: string, value: string): string {
  if (/[\r\n]/.test(value)) throw new Error(`line break in the header ${name}`);
  return `${name}: ${value}\r\n`;
}

export interface Reply {
  readonly answer: AnyAnswer;
  readonly requestId: string;
  /** Whether to close the connection after the answer. */
  readonly closes: boolean;
}

/** Sends an answer through node:http. Fails if a stream does. */
export async function sendAnswer(response: ServerResponse, reply: Reply): Promise<void> {
  const { answer } = reply;
  const fields = fieldsOf(reply);
  if ('texts' in answer && response.req.method === 'HEAD') {
    await answer.texts[Symbol.asyncIterator]().return?.();
    response.writeHead(answer.status, fields).end();
    return;
  }
  if ('texts' in answer) {
    response.writeHead(answer.status, fields);
    await pipeline(Readable.from(answer.texts), response).catch(ignoreGone);
    return;
  }
  const { status, body } = answer;
  // A 204 has no length, and a 304 would need that of the 200. Latin1 text is as long as its bytes.
  if (status !== 204 && status !== 304) fields.push('Content-Length', String(body.length));
  response.writeHead(status, fields);
  if (body.length === 0 || response.req.method === 'HEAD') response.end();
  // Head and text go out in one write.
  else if (typeof body === 'string') response.end(body, 'latin1');
  else response.end(body);
}

function fieldsOf({ answer: { head }, requestId, closes }: Reply): string[] {
  const lines = head.split('\r\n').filter((line) => line !== '');
  const fields = lines.flatMap((line) => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  fields.push('X-Request-Id', requestId);
  if (closes) fields.push('Connection', 'close');
  return fields;
}

function ignoreGone(error: unknown): void {
  const isGone = error instanceof Error && 'code' in error && error.code === goneCode;
  if (!isGone) throw error;
}

/** The caller closed the connection before the end. */
const goneCode = 'ERR_STREAM_PREMATURE_CLOSE';
