/** Decodes the body of an answer, and checks its length before and after decoding. */
import type { IncomingMessage } from 'node:http';
import { Readable, Transform } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
  type Zlib,
} from 'node:zlib';
import type { UsherError } from '../../domain/errors.ts';
import { freeUnpackedBytes, httpSurplusMs, maxUnpackedRatio } from '../limits.ts';
import { invalidSource } from '../source-failure.ts';

/** The streams of a `pipeline`, without the last one, which writes to a file or to memory. */
export function bodyStreams(
  message: IncomingMessage,
  onBytes: (bytes: number) => void,
): [Readable, ...Transform[]] {
  const raw = { bytes: 0 };
  const decoders = decodersOf(message);
  const arriving = Readable.from(arrivingBytes(message, raw), { objectMode: false });
  return [arriving, ...decoders, unpacked(raw, { decoders, onBytes })];
}

function decodersOf(message: IncomingMessage): (Transform & Zlib)[] {
  const codings = (message.headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  if (codings.length > 1) throw unknownCoding();
  return codings.map((coding) => {
    switch (coding) {
      case 'gzip':
      case 'x-gzip':
        return createGunzip();
      case 'deflate':
        return createInflate();
      case 'br':
        return createBrotliDecompress();
      case 'zstd':
        return createZstdDecompress();
      default:
        throw unknownCoding();
    }
  });
}

/** Counts the received bytes, and compares them with Content-Length. */
async function* arrivingBytes(
  message: IncomingMessage,
  raw: { bytes: number },
): AsyncGenerator<Buffer> {
  const length = message.headers['content-length'];
  const announced = length === undefined ? undefined : Number(length);
  for await (const chunk of message as AsyncIterable<Buffer>) {
    raw.bytes += chunk.length;
    // Keeps reading the connection before it reports the end: bytes after the body must fail it.
    if (message.complete || raw.bytes === announced) await closing(message);
    yield chunk;
  }
  const isWhole = message.complete && (announced === undefined || announced === raw.bytes);
  if (!isWhole) throw new Error('cut off');
}

/** Waits until the server closes the connection, as it is asked to. Some do not. */
async function closing({ socket }: IncomingMessage): Promise<void> {
  if (socket.destroyed) return;
  const ended = new AbortController();
  const end = () => ended.abort();
  socket.once('close', end);
  socket.once('end', end);
  await wait(httpSurplusMs, undefined, { signal: ended.signal }).catch(() => undefined);
  socket.off('close', end);
  socket.off('end', end);
}

interface Unpacking {
  readonly decoders: readonly Zlib[];
  readonly onBytes: (bytes: number) => void;
}

function unpacked(raw: { readonly bytes: number }, { decoders, onBytes }: Unpacking): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      try {
        onBytes(chunk.length);
        if (bytes > freeUnpackedBytes && bytes > raw.bytes * maxUnpackedRatio) throw bomb();
        done(null, chunk);
      } catch (error) {
        done(error instanceof Error ? error : new Error('bounds'));
      }
    },
    flush(done) {
      // A decoder ignores bytes after its data silently.
      const isAllUsed = decoders.every(({ bytesWritten }) => bytesWritten === raw.bytes);
      done(isAllUsed ? null : new Error('bytes behind the body'));
    },
  });
}

function bomb(): UsherError {
  return invalidSource(
    `The source's answer unpacks to more than ${maxUnpackedRatio} times its size.`,
  );
}

function unknownCoding(): UsherError {
  return invalidSource(
    "The source's answer has an unknown content coding. The known ones are gzip, deflate, br and zstd.",
  );
}
