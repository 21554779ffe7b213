/**
 * A text to compare the next one with, in constant time for texts of one length: header fields hold
 * a token, and behind a proxy one connection may carry the requests of several callers, none of
 * whom is to learn how much of another's was guessed.
 */
import { timingSafeEqual } from 'node:crypto';

export class KeptText {
  #kept = Buffer.alloc(0);
  /** As long as `#kept`, so that comparing makes no buffers. */
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
