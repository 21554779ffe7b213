/** The body of a call whose operation takes bytes of any kind. */
import type { IncomingMessage } from 'node:http';
import { UsherError } from '../../domain/errors.ts';

export interface RawBody {
  readonly bytes: IncomingMessage;
  /** What the header Content-Length says; `undefined`: the body is chunked. */
  readonly announcedBytes: number | undefined;
}

/** @throws UsherError `media_type_unsupported` unless the body is plain bytes */
export function requireBytes({ message }: { readonly message: IncomingMessage }): RawBody {
  const { headers } = message;
  const coding = headers['content-encoding']?.toLowerCase() ?? 'identity';
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/octet-stream' || coding !== 'identity') {
    throw new UsherError(
      'media_type_unsupported',
      'Send the file itself as application/octet-stream, without Content-Encoding. A file that is compressed stays as it is.',
    );
  }
  const isChunked = headers['transfer-encoding'] !== undefined;
  const length = headers['content-length'];
  return { bytes: message, announcedBytes: isChunked ? undefined : Number(length ?? 0) };
}
