/**
 * Keyed digests: what a suppression list and a receipt keep of an identity. Without the key nobody
 * can test whether a list has an address.
 *
 * The digest of an identity (its first 16 bytes of SHA-256) is one block: the keyed digest is its
 * AES-256 encryption, XORed with the block, so that not even the key leads back. The cipher's key
 * is the HMAC-SHA-256, under the list's key, of the kind, the organization and the names. Names are
 * used because ids may differ after a restore. A batch is one call of the cipher: 0.03 us for each
 * identity, where an HMAC takes 6 us.
 */
import { type Cipheriv, createCipheriv, createHmac } from 'node:crypto';
import type { SuppressionKey } from './suppression-key.ts';

export const keyedDigestBytes = 16;

/** What a keyed digest stands for: an identity, or a row of a dataset by its key. */
export type DigestScope =
  | {
      readonly kind: 'identity';
      readonly organizationId: number;
      /** The name of the identity type. */
      readonly type: string;
    }
  | {
      readonly kind: 'row';
      readonly organizationId: number;
      /** The name of the dataset. */
      readonly dataset: string;
      /** The name of the type of the row key. */
      readonly type: string;
    };

export class KeyedDigests {
  readonly keyId: string;
  readonly #secret: Buffer;
  readonly #ciphers = new Map<string, Cipheriv>();

  constructor({ keyId, secret }: SuppressionKey) {
    this.keyId = keyId;
    this.#secret = secret;
  }

  /** 16 bytes. */
  of(scope: DigestScope, digest: Uint8Array): Buffer {
    return this.ofAll(scope, Buffer.from(digest));
  }

  /** @param digests 16 bytes each, one after the other; the result is like that too */
  ofAll(scope: DigestScope, digests: Buffer): Buffer {
    const keyed = this.#cipher(scope).update(digests);
    for (let at = 0; at < keyed.length; at += 1) {
      keyed[at] = (keyed[at] as number) ^ (digests[at] as number);
    }
    return keyed;
  }

  /** Proves that a text was written with the key: an HMAC-SHA-256 in hexadecimal. */
  mac(text: string): string {
    return createHmac('sha256', this.#secret).update(`text\0${text}`).digest('hex');
  }

  #cipher(scope: DigestScope): Cipheriv {
    const { kind, organizationId, type } = scope;
    const names = scope.kind === 'row' ? [scope.dataset, type] : [type];
    const context = JSON.stringify([kind, organizationId, ...names]);
    const known = this.#ciphers.get(context);
    if (known !== undefined) return known;
    const key = createHmac('sha256', this.#secret).update(`digest\0${context}`).digest();
    const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    this.#ciphers.set(context, cipher);
    return cipher;
  }
}
