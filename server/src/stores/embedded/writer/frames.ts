/**
 * Messages on the writer's socket, little endian: u32 length of the rest, u8 kind, u32 number of
 * the call, u32 length of the JSON, the JSON, then raw bytes. An answer has the number of its call.
 * Both ends run the same release on one machine; a malformed message ends the connection.
 */
import { maxFrameBytes } from '../../limits.ts';

export const frameKinds = {
  /** The first frame of a client. Identifies the holder of its leases. */
  hello: 1,
  /** Gives the leases of the holder back. */
  goodbye: 9,
  /** One of the calls in `writer-calls.ts`. */
  call: 20,
  result: 100,
  failure: 101,
} as const;

export interface Frame {
  readonly kind: number;
  readonly callId: number;
  readonly json: unknown;
  readonly bytes: Buffer;
}

const prefixLength = 4;
const headLength = 9;
const noBytes = Buffer.alloc(0);

/** The frame in pieces, to be written one after another so that large bytes are not copied. */
export function encodeFrame(frame: Omit<Frame, 'bytes'> & { readonly bytes?: Buffer }): Buffer[] {
  const { kind, callId, bytes = noBytes } = frame;
  // JSON has no `undefined`; both ends use null for it.
  const json = Buffer.from(JSON.stringify(frame.json ?? null));
  const head = Buffer.allocUnsafe(prefixLength + headLength);
  head.writeUInt32LE(headLength + json.length + bytes.length, 0);
  head[4] = kind;
  head.writeUInt32LE(callId, 5);
  head.writeUInt32LE(json.length, 9);
  const start = Buffer.concat([head, json]);
  return bytes.length === 0 ? [start] : [start, bytes];
}

/** Puts frames together from the pieces of a stream. */
export class FrameReader {
  #pieces: Buffer[] = [];
  #length = 0;

  /**
   * Returns the frames that this piece completes. Throws for a frame that is malformed or too long.
   */
  push(piece: Buffer): Frame[] {
    this.#pieces.push(piece);
    this.#length += piece.length;
    const frames: Frame[] = [];
    for (;;) {
      const length = this.#nextLength();
      if (length === undefined || this.#length < length) return frames;
      const all =
        this.#pieces.length === 1 ? (this.#pieces[0] as Buffer) : Buffer.concat(this.#pieces);
      frames.push(decodeFrame(all.subarray(prefixLength, length)));
      const rest = all.subarray(length);
      this.#pieces = rest.length === 0 ? [] : [rest];
      this.#length = rest.length;
    }
  }

  #nextLength(): number | undefined {
    if (this.#length < prefixLength) return undefined;
    // Pieces shorter than a prefix are rare; joining them keeps the reading simple.
    if ((this.#pieces[0] as Buffer).length < prefixLength)
      this.#pieces = [Buffer.concat(this.#pieces)];
    const length = (this.#pieces[0] as Buffer).readUInt32LE(0);
    if (length < headLength || length > maxFrameBytes)
      throw new Error('A frame is of a bad length.');
    return prefixLength + length;
  }
}

function decodeFrame(frame: Buffer): Frame {
  const jsonLength = frame.readUInt32LE(5);
  if (headLength + jsonLength > frame.length) throw new Error('A frame is shorter than its JSON.');
  const json = frame.toString('utf8', headLength, headLength + jsonLength);
  return {
    kind: frame[0] as number,
    callId: frame.readUInt32LE(1),
    json: JSON.parse(json),
    bytes: frame.subarray(headLength + jsonLength),
  };
}
