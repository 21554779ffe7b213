/**
 * Compares a text with the last one in constant time: header fields hold a token, and connections
 * from a proxy carry several callers, who must not learn parts of each other's.
 */
import { timingSafeEqual } from 'node:crypto';

export class KeptText {
  #kept = Buffer.alloc(0);
  /** As long as `#kept`, so that comparing allocates nothing. */
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
