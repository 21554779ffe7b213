/**
 * The keys of the access log, derived from the key of the data folder: one chains and signs, one
 * makes the digests of whom an entry is about.
 */
import { type Cipheriv, createCipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { keyFingerprint, readSecretKey } from '../stores/secret-key.ts';
import type { AccessSubject } from './access-entry.ts';

export const hashBytes = 32;
export const digestBytes = 16;

export class AccessKeys {
  /** Says which key made a file, without revealing it. */
  readonly id: string;
  readonly #chainKey: Buffer;
  readonly #digestKey: Buffer;
  readonly #cipher: Cipheriv;
  readonly #masks = new Map<number, Int32Array>();

  /** @param secret the key of the data folder */
  constructor(secret: Uint8Array) {
    this.id = keyFingerprint(secret);
    this.#chainKey = derive(secret, 'access-log chain');
    this.#digestKey = derive(secret, 'access-log digests');
    this.#cipher = createCipheriv('aes-256-ecb', this.#digestKey, null).setAutoPadding(false);
  }

  /** An HMAC-SHA-256 of bytes or of a text. */
  sign(content: Uint8Array | string): Buffer {
    return createHmac('sha256', this.#chainKey).update(content).digest();
  }

  isSigned(content: Uint8Array | string, signature: Uint8Array): boolean {
    const own = this.sign(content);
    return own.length === signature.length && timingSafeEqual(own, signature);
  }

  /** Tells subjects of two organizations or types apart: four words to XOR with a subject's. */
  maskOf(organizationId: number, typeId: number): Int32Array {
    const scope = organizationId * 65_536 + typeId;
    let mask = this.#masks.get(scope);
    if (mask === undefined) {
      const bytes = derive(this.#digestKey, `${organizationId}/${typeId}`);
      mask = new Int32Array(Uint8Array.from(bytes.subarray(0, digestBytes)).buffer);
      this.#masks.set(scope, mask);
    }
    return mask;
  }

  /**
   * Replaces masked subjects, 16 bytes each, by their digests: the AES encryption of each, XORed
   * with it, so that not even the key leads back. One call costs 0.03 us for each subject, where an
   * HMAC takes 6 us.
   * @param masked at a place that is a multiple of four bytes
   */
  digestAll(masked: Buffer): Buffer {
    const digests = aligned(this.#cipher.update(masked));
    const words = new Int32Array(digests.buffer, digests.byteOffset, digests.length / 4);
    const others = new Int32Array(masked.buffer, masked.byteOffset, words.length);
    for (let at = 0; at < words.length; at += 1) {
      words[at] = (words[at] as number) ^ (others[at] as number);
    }
    return digests;
  }

  /** 16 bytes. */
  digestOf({ organizationId, typeId, words }: AccessSubject): Buffer {
    const mask = this.maskOf(organizationId, typeId);
    const masked = Int32Array.from(words, (word, place) => word ^ (mask[place] as number));
    return this.digestAll(Buffer.from(masked.buffer));
  }
}

/** Makes the key of the data folder if there is none. */
export async function readAccessKeys(dataFolder: string): Promise<AccessKeys> {
  return new AccessKeys(await readSecretKey(dataFolder));
}

/** The same bytes at a place for words: a copy only if they are not. */
function aligned(bytes: Buffer): Buffer {
  return bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(Uint8Array.from(bytes).buffer);
}

function derive(key: Uint8Array, purpose: string): Buffer {
  return createHmac('sha256', key).update(purpose).digest();
}
