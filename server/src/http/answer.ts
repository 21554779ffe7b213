/** An answer in the form that is cheapest to send: header lines, and UTF-8 bytes as latin1 text. */
import type { ServerResponse } from 'node:http';

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

/**
 * One header line.
 * @throws Error for a line break in the value, which would be a defect
 */
export function headLine(name: string, value: string): string {
  if (/[\r\n]/.test(value)) throw new Error(`line break in the header ${name}`);
  return `${name}: ${value}\r\n`;
}

export interface Reply {
  readonly answer: Answer | BytesAnswer;
  readonly requestId: string;
  /** Whether to close the connection after the answer. */
  readonly closes: boolean;
}

/** Sends an answer through node:http. */
export function sendAnswer(
  response: ServerResponse,
  { answer: { status, head, body }, requestId, closes }: Reply,
): void {
  const lines = head.split('\r\n').filter((line) => line !== '');
  const fields = lines.flatMap((line) => {
    const colon = line.indexOf(': ');
    return [line.slice(0, colon), line.slice(colon + 2)];
  });
  fields.push('X-Request-Id', requestId);
  if (closes) fields.push('Connection', 'close');
  // A 204 has no length, and a 304 would need that of the 200. Latin1 text is as long as its bytes.
  if (status !== 204 && status !== 304) fields.push('Content-Length', String(body.length));
  response.writeHead(status, fields);
  if (body.length === 0 || response.req.method === 'HEAD') response.end();
  // Head and text go out in one write.
  else if (typeof body === 'string') response.end(body, 'latin1');
  else response.end(body);
}
