/**
 * A body for an answer that comes before its request was read to its end. Closing a connection on unread bytes would reset it, and
 * the caller could miss the answer; so what still arrives is read away for a moment before the answer ends.
 */
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { refusedLingerMs } from './limits.ts';

export function lingeringBody(body: Buffer, request: IncomingMessage): Readable {
  return Readable.from(lingeringPieces(body, request), { objectMode: false });
}

async function* lingeringPieces(body: Buffer, request: IncomingMessage): AsyncIterable<Buffer> {
  yield body;
  request.resume();
  // A caller that goes away meanwhile ends the wait, which is all that it was for.
  const ended = finished(request).catch(() => undefined);
  await Promise.race([ended, delay(refusedLingerMs, undefined, { ref: false })]);
}
