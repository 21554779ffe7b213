/**
 * Recognises that a request is the same as the connection's last one, except for the value of its
 * identity. What was found out about that one then holds, too.
 */

import type { Received } from './adopt-socket.ts';
import { maxHeadLength } from './request-head.ts';

const identityParameter = 'identity=';
/** A connection whose requests keep differing is not worth comparing. */
const maxMisses = 16;

export class RepeatedRequest {
  /** The bytes before and after the identity, without it. */
  #around = new DataView(new ArrayBuffer(0));
  /** How many of them are before the identity; 0: nothing is kept. */
  #before = 0;
  #misses = 0;

  /**
   * The identity of a request, percent-encoded as sent; `undefined` if the request is not the same
   * otherwise. All bytes are compared, whatever they are, because one of the fields is a token:
   * the time must not tell a caller parts of another caller's token.
   */
  identityOf({ bytes, view, length }: Received): string | undefined {
    const before = this.#before;
    const around = this.#around;
    const shift = length - around.byteLength;
    if (before === 0 || shift <= 0 || length > maxHeadLength) return undefined;
    let differing = 0;
    let at = 0;
    for (; at + 4 <= before; at += 4)
      differing |= view.getInt32(at, true) ^ around.getInt32(at, true);
    for (; at < before; at += 1) differing |= view.getUint8(at) ^ around.getUint8(at);
    const end = around.byteLength;
    for (; at + 4 <= end; at += 4) {
      differing |= view.getInt32(at + shift, true) ^ around.getInt32(at, true);
    }
    for (; at < end; at += 1) differing |= view.getUint8(at + shift) ^ around.getUint8(at);
    if (differing !== 0) return undefined;
    if (!isValue(view, before, before + shift)) return undefined;
    this.#misses = 0;
    return bytes.toString('latin1', before, before + shift);
  }

  /** Keeps a request for the next one. @param text one request, as latin1 */
  keep(text: string): void {
    this.#before = 0;
    this.#misses += 1;
    if (this.#misses > maxMisses) return;
    const query = text.indexOf('?') + 1;
    const end = text.indexOf(' ', query);
    const name = text.startsWith(identityParameter, query)
      ? query
      : text.indexOf(`&${identityParameter}`, query) + 1;
    if (query === 0 || name === 0 || name > end) return;
    const start = name + identityParameter.length;
    const next = text.indexOf('&', start);
    const valueEnd = next < 0 || next > end ? end : next;
    const bytes = Buffer.from(text.slice(0, start) + text.slice(valueEnd), 'latin1');
    this.#around = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#before = start;
  }
}

/** Whether all bytes are printable characters of a request target that do not end the parameter. */
function isValue(view: DataView, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) {
    const byte = view.getUint8(at);
    if (byte <= space || byte > tilde || byte === hash || byte === ampersand) return false;
  }
  return true;
}

const space = 0x20;
const hash = 0x23;
const ampersand = 0x26;
const tilde = 0x7e;
