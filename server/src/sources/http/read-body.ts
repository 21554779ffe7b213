/** Decodes the body of an answer, checks its length before and after, and reads its charset. */
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
import { knownEncoding } from '../declared-encoding.ts';
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

/**
 * The charset that an answer declares (RFC 9110, 8.3.2); `undefined` without one, and for US-ASCII,
 * which servers send by default.
 * @throws UsherError `definition_invalid` for an unknown charset
 */
export function answerEncoding({ headers }: IncomingMessage): string | undefined {
  const found = /;\s*charset\s*=\s*(?:"([^"]*)"|([^;\s]+))/i.exec(headers['content-type'] ?? '');
  const label = (found?.[1] ?? found?.[2])?.trim();
  if (label === undefined || label === '' || /^(?:us-)?ascii$/i.test(label)) return undefined;
  const encoding = knownEncoding(label);
  if (encoding !== undefined) return encoding;
  throw invalidSource(
    "The source's answer has an unknown charset. Name the encoding in the definition, for example encoding: utf-8.",
  );
}

function decodersOf(message: IncomingMessage): (Transform & Zlib)[] {
  const codings = (message.headers['content-encoding'] ?? '')
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  return codings.map((coding) => {
    const makeDecoder = decoderMakers.get(coding);
    if (makeDecoder !== undefined && codings.length === 1) return makeDecoder();
    throw invalidSource(
      "The source's answer has an unknown content coding. The known ones are gzip, deflate, br and zstd.",
    );
  });
}

const decoderMakers = new Map<string, () => Transform & Zlib>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/** Counts the received bytes, and compares them with Content-Length. */
async function* arrivingBytes(
  message: IncomingMessage,
  raw: { bytes: number },
): AsyncGenerator<Buffer> {
  const length = message.headers['content-length'];
  const announced = length === undefined ? undefined : Number(length);
  for await (const chunk of message as AsyncIterable<Buffer>) {
    raw.bytes += chunk.length;
    // Waits for the end of the connection before the end of the body is reported: if more bytes
    // arrive after the body, reading the body must fail.
    if (message.complete || raw.bytes === announced) await closing(message);
    yield chunk;
  }
  const isWhole = message.complete && (announced === undefined || announced === raw.bytes);
  if (!isWhole) throw new Error('cut off');
}

/** Waits until the server closes the connection, as the request asks. Some servers do not. */
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
        if (bytes > freeUnpackedBytes && bytes > raw.bytes * maxUnpackedRatio) {
          throw invalidSource(
            `The source's answer unpacks to more than ${maxUnpackedRatio} times its size, as a decompression bomb does. If the data is right, let the server send it uncompressed.`,
          );
        }
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
