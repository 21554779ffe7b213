/** The body of an answer without its content coding, counted on both sides: as it comes, and as it unpacks. */
import type { IncomingMessage } from 'node:http';
import { type Readable, Transform } from 'node:stream';
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib';
import { UsherError } from '../../domain/errors.ts';
import { freeUnpackedBytes, maxUnpackedRatio } from '../limits.ts';

/** The streams through which a body goes in turn, for a `pipeline` that ends in a file or in memory. */
export function bodyStreams(
  message: IncomingMessage,
  onBytes: (bytes: number) => void,
): [Readable, ...Transform[]] {
  const raw = { bytes: 0 };
  const decoders = decodersOf(message);
  return [message, arriving(message, raw), ...decoders, unpacked(raw, onBytes)];
}

function decodersOf(message: IncomingMessage): Transform[] {
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

/** Counts what comes over the network, and holds it against what was announced. */
function arriving(message: IncomingMessage, raw: { bytes: number }): Transform {
  const announced = message.headers['content-length'];
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      raw.bytes += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      const isWhole =
        message.complete && (announced === undefined || Number(announced) === raw.bytes);
      done(isWhole ? null : new Error('cut off'));
    },
  });
}

function unpacked(raw: { readonly bytes: number }, onBytes: (bytes: number) => void): Transform {
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
  });
}

function bomb(): UsherError {
  return new UsherError(
    'definition_invalid',
    `The source's answer unpacks to more than ${maxUnpackedRatio} times its size.`,
  );
}

function unknownCoding(): UsherError {
  return new UsherError(
    'definition_invalid',
    "The source's answer has a content coding that is not known: gzip, deflate, br and zstd are.",
  );
}
