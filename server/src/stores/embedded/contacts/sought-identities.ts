/** A set of identities that many entries are searched for: most entries name none of them. */
import type { IdentityKey } from '../../store.ts';
import { nameOf } from './component.ts';

export class SoughtIdentities {
  readonly #names = new Set<string>();
  /** The first bytes of their digests, also of those that were removed. */
  readonly #heads = new Set<number>();

  constructor(identities: readonly IdentityKey[]) {
    for (const it of identities) this.add(it);
  }

  get size(): number {
    return this.#names.size;
  }

  add(identity: IdentityKey): void {
    this.#names.add(nameOf(identity));
    this.#heads.add(headAt(identity.digest, 0));
  }

  remove(identity: IdentityKey): void {
    this.#names.delete(nameOf(identity));
  }

  readonly has = (identity: IdentityKey): boolean => this.#names.has(nameOf(identity));

  /** Whether one of them may have the digest that begins here. */
  mayHave(bytes: Uint8Array, start: number): boolean {
    return this.#heads.has(headAt(bytes, start));
  }

  /** The same of an identity as the log of joins has it, in hexadecimal. */
  mayHaveHex(identity: string): boolean {
    return this.#heads.has(Number.parseInt(identity.slice(4, 12), 16) | 0);
  }
}

function headAt(bytes: Uint8Array, at: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
  return (a << 24) | (b << 16) | (c << 8) | d;
}
