/**
 * Compares a text with the last one in constant time. The texts are header fields, which hold a
 * token. A proxy may send the requests of several callers on one connection, and the time of a
 * comparison must not tell a caller parts of another caller's token.
 */
import { timingSafeEqual } from 'node:crypto';

export class KeptText {
  #kept = Buffer.alloc(0);
  /** A buffer of the same length as `#kept`, so that a comparison allocates nothing. */
  #given = Buffer.alloc(0);

  /** @param text latin1 */
  keep(text: string): void {
    this.#kept = Buffer.from(text, 'latin1');
    this.#given = Buffer.alloc(this.#kept.length);
  }

  /** @param text latin1 */
  isSame(text: string): boolean {
    if (text.length !== this.#kept.length) return false;
    this.#given.write(text, 'latin1');
    return timingSafeEqual(this.#given, this.#kept);
  }
}
